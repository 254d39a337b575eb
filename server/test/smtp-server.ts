import type { AddressInfo } from 'node:net'
import type { SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import tls from 'node:tls'
import { SMTPServer } from 'smtp-server'
import { onTestFinished } from 'vitest'

export interface ReceivedMail {
  from: string
  to: string[]
  /** Whether it came over TLS. */
  secure: boolean
  user: string | undefined
  raw: string
  headers: Record<string, string>
  text: string
  html: string
}

export interface TestSmtp {
  url: string
  /** What it answered 250 to, in order. */
  mails: ReceivedMail[]
  /** All that came, also what it refused. */
  offered: ReceivedMail[]
  /** How many connections came. */
  connections: () => number
  close: () => Promise<void>
}

export interface TestSmtpOptions {
  /** `starttls` unless told otherwise. */
  encryption?: 'none' | 'starttls' | 'tls'
  auth?: { user: string, pass: string }
  port?: number
  /** An error refuses it, with its `responseCode`. */
  onConnect?: () => Error | undefined
  onMailFrom?: () => Error | undefined
  onRcpt?: (address: string) => Error | undefined
  /** Answers when it resolves. */
  onData?: (mail: ReceivedMail, session: SMTPServerSession) => Promise<Error | undefined | void> | Error | undefined | void
}

/** As a mail server says it: `said(550, '5.1.1 No such user')`. */
export const said = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode })

/** A real mail server, which ends with the test (or, begun outside of one, when it is closed). */
export async function startSmtp({ encryption = 'starttls', auth, port = 0, onConnect, onMailFrom, onRcpt, onData }: TestSmtpOptions = {}): Promise<TestSmtp> {
  const offered: ReceivedMail[] = []
  const mails: ReceivedMail[] = []
  let connections = 0
  const options: SMTPServerOptions = {
    secure: encryption === 'tls',
    key: KEY,
    cert: CERTIFICATE,
    authOptional: !auth,
    disabledCommands: [
      ...encryption === 'none'
        ? ['STARTTLS']
        : [],
      ...auth
        ? []
        : ['AUTH'],
    ],
    allowInsecureAuth: encryption === 'none',
    disableReverseLookup: true,
    closeTimeout: 1,
    onConnect(_session, done) {
      connections++
      done(onConnect?.())
    },
    onAuth({ username, password }, _session, done) {
      if (username === auth?.user && password === auth?.pass) done(null, { user: username })
      else done(said(535, '5.7.8 Authentication credentials invalid'))
    },
    onMailFrom: (_address, _session, done) => done(onMailFrom?.()),
    onRcptTo: ({ address }, _session, done) => done(onRcpt?.(address)),
    onData(stream, session, done) {
      void text(stream).then(async (raw) => {
        const mail = received(raw, session)
        offered.push(mail)
        const refusal = await onData?.(mail, session)
        if (!refusal) mails.push(mail)
        done(refusal ?? null)
      }, done)
    },
  }
  const server = new SMTPServer(options)
  // A client that breaks off is part of what is tried.
  server.on('error', () => {})
  server.listen(port, '127.0.0.1')
  await once(server.server, 'listening')
  const close = () => new Promise<void>((resolve) => { server.close(resolve) })
  try {
    onTestFinished(close)
  }
  catch {}
  const { port: taken } = server.server.address() as AddressInfo
  return {
    url: `${encryption === 'tls'
      ? 'smtps'
      : 'smtp'}://${auth
      ? `${encodeURIComponent(auth.user)}:${encodeURIComponent(auth.pass)}@`
      : ''}localhost:${taken}`,
    mails,
    offered,
    connections: () => connections,
    close,
  }
}

/** Until the end of the test, the certificate of these servers is one that is vouched for. */
export function trustCertificate(): void {
  const before = tls.getCACertificates('default')
  tls.setDefaultCACertificates([...before, CERTIFICATE])
  onTestFinished(() => tls.setDefaultCACertificates(before))
}

function received(raw: string, { envelope, secure, user }: SMTPServerSession): ReceivedMail {
  const { headers, body } = parsePart(raw)
  const [, boundary] = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '') ?? []
  const parts = body.split(`--${boundary}`).slice(1, -1).map(part => parsePart(part.replace(/^\r\n/, '')))
  const bodyOf = (type: string) => {
    const part = parts.find(each => each.headers['content-type']?.startsWith(type))
    return part
      ? decodeQuotedPrintable(part.body.replace(/\r\n$/, '')).replaceAll('\r\n', '\n')
      : ''
  }
  return {
    from: envelope.mailFrom
      ? envelope.mailFrom.address
      : '',
    to: envelope.rcptTo.map(({ address }) => address),
    secure,
    user: user as string | undefined,
    raw,
    headers,
    text: bodyOf('text/plain'),
    html: bodyOf('text/html'),
  }
}

function parsePart(part: string): { headers: Record<string, string>, body: string } {
  const end = part.indexOf('\r\n\r\n')
  const lines = part.slice(0, end).replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')
  return {
    headers: Object.fromEntries(lines.map(line => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      decodeWords(line.slice(line.indexOf(':') + 1).trim()),
    ])),
    body: part.slice(end + 4),
  }
}

const bytesOf = (text: string) => Buffer.from(text.replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1')
const decodeQuotedPrintable = (body: string) => bytesOf(body.replaceAll('=\r\n', '')).toString('utf8')

/** RFC 2047; white space between two words is none. */
const decodeWords = (value: string) => value.replaceAll(/\?= +=\?/g, '?==?').replaceAll(/(?:=\?UTF-8\?[QB]\?[^?]*\?=)+/gi, words => Buffer.concat(
  [
    ...words.matchAll(/=\?UTF-8\?([QB])\?([^?]*)\?=/gi),
  ].map(([, how, encoded]) => how!.toUpperCase() === 'B'
    ? Buffer.from(encoded!, 'base64')
    : bytesOf(encoded!.replaceAll('_', ' '))),
).toString('utf8'))

/** Of `localhost`, for tests alone: made once, by nobody in particular, for a hundred years. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNl9ULPk/7spaGtq
jkifwE12p9je+StxNrX5LRln43Kq8vEpFaCNQS08puODYA800X30UyjTcgnXXjmK
NzcYO4GjTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBR2H0lQFN825J65oNqEXJztzMQfJTAKBggqhkjOPQQD
AgNIADBFAiEAi3SKWFjTwEMkKMp/8ajFiGQivshCzUheMIWiyw+qvZgCIHxRtup+
MIYr7Ie5ILEZJjf91UgR3PDs4COFJwGFzJmR
-----END CERTIFICATE-----`
export const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg173fLhXbRSNCLEuC
7A2SG0wAtkiVGUtdm7vG0/kfCSGhRANCAATZfVCz5P+7KWhrao5In8BNdqfY3vkr
cTa1+S0ZZ+NyqvLxKRWgjUEtPKbjg2APNNF99FMo03IJ1145ijc3GDuB
-----END PRIVATE KEY-----`
