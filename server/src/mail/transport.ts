import type { SMTPPoolOptions } from 'nodemailer/lib/smtp-pool'
import type { Config } from '../config/config.ts'
import type { SmtpFault, Verdict } from './verdict.ts'
import { format } from 'node:util'
import { createTransport } from 'nodemailer'
import { isPrivateHost, smtpServerOf } from '../config/mail.ts'
import { deliverableAddress } from './mail-address.ts'
import { replyAddressOf } from './reply-address.ts'
import { asReply, verdictOf } from './verdict.ts'

export interface OutgoingMail {
  messageId: string
  /** What it answers: Message-IDs with spaces between them, the last one's its own. */
  references?: string
  to: { address: string, name: string }
  /** The name beside MAIL_FROM. */
  sender: string
  subject: string
  text: string
  html: string
  unsubscribeUrl?: string
  replyTag?: string
}

/** One line of a conversation; `note`: of neither side. */
export interface TranscriptLine { by: 'us' | 'server' | 'note', text: string }

export interface MailTransport {
  /** How mail leaves, in words for an operator; no secret. */
  readonly place: MailPlace
  /** Over a connection that others use as well. Never throws: what failed is the verdict. */
  send: (mail: OutgoingMail, signal?: AbortSignal) => Promise<Verdict>
  /** Over a connection of its own, with all that was said. */
  sendTold: (mail: OutgoingMail) => Promise<{ verdict: Verdict, transcript: TranscriptLine[] }>
  /** Connects, encrypts and signs in, and sends nothing. @throws {Error} as the server or the connection says it */
  verify: () => Promise<void>
  close: () => void
}

export interface MailPlace {
  host: string
  port: number
  /** `maybe`: only when the server offers it, and whatever its certificate. */
  encryption: 'tls' | 'starttls' | 'maybe'
  signsIn: boolean
  from: string
  replyTo: string | null
  isSigned: boolean
}

export type MailConfig = Pick<Config, 'replyInbox' | 'replyAddress' | 'smtpUrl' | 'smtpAllowPlain' | 'mailFrom' | 'mailReplyTo' | 'mailDkimSelector' | 'mailDkimKey' | 'publicUrl'>

/** `sendMs` is of a whole try: a server that answers one sign at a time is not waited for. */
export const SMTP_LIMITS = {
  connectMs: 15_000,
  greetingMs: 15_000,
  idleMs: 30_000,
  sendMs: 60_000,
}
const CONNECTIONS = 5
/** Mails to it, with the token of an unsubscribe link as their subject, end what the link ends. */
export const UNSUBSCRIBE_TAG = 'unsubscribe'
const MAX_LINES = 400

/** Undefined without SMTP_URL. */
export function createMailTransport(config: MailConfig, { connectMs, greetingMs, idleMs, sendMs } = SMTP_LIMITS): MailTransport | undefined {
  const { smtpUrl, mailFrom } = config
  if (smtpUrl === undefined || mailFrom === undefined) return undefined
  const server = smtpServerOf(smtpUrl)
  const mayBePlain = config.smtpAllowPlain && isPrivateHost(server.host)
  const domain = mailFrom.slice(mailFrom.lastIndexOf('@') + 1)
  const options: SMTPPoolOptions = {
    host: server.host,
    port: server.port,
    secure: server.tls,
    requireTLS: !server.tls && !mayBePlain,
    auth: server.auth,
    // A server that does not ask for the password would refuse every recipient, and mails would end by it.
    forceAuth: server.auth !== undefined,
    name: new URL(config.publicUrl).hostname,
    connectionTimeout: connectMs,
    greetingTimeout: greetingMs,
    socketTimeout: idleMs,
    socketCloseTimeout: 0,
    dnsTimeout: connectMs,
    maxResponseSize: 64 * 1024,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: !mayBePlain },
    disableFileAccess: true,
    disableUrlAccess: true,
    ...config.mailDkimKey !== undefined && config.mailDkimSelector !== undefined
      ? {
          dkim: {
            domainName: domain,
            keySelector: config.mailDkimSelector,
            privateKey: config.mailDkimKey,
          },
        }
      : {},
  }
  const pool = createTransport({
    ...options,
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: 100,
    maxRequeues: 1,
    idleTimeout: 30_000,
  })

  const unsubscribeAddress = replyAddressOf(config, UNSUBSCRIBE_TAG)
  /** RFC 2369 §3.2: programs take the first that they know. */
  const listUnsubscribe = (url: string) => unsubscribeAddress === undefined
    ? `<${url}>`
    : `<${url}>, <mailto:${unsubscribeAddress}?subject=${url.slice(url.lastIndexOf('/') + 1)}>`

  const asMessage = ({ messageId, references, to, sender, subject, text, html, unsubscribeUrl, replyTag }: OutgoingMail) => ({
    messageId,
    ...references && {
      references,
      inReplyTo: references.split(' ').at(-1),
    },
    // As objects: as text, a comma in a name would begin another address.
    from: { name: sender, address: mailFrom },
    to,
    replyTo: (replyTag && replyAddressOf(config, replyTag)) || config.mailReplyTo,
    envelope: {
      from: mailFrom,
      to: [to.address],
    },
    subject,
    text,
    html,
    textEncoding: 'quoted-printable' as const,
    headers: {
      // No answer by a machine (RFC 3834), and no notes of absence from Exchange.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...unsubscribeUrl !== undefined && {
        'List-Unsubscribe': listUnsubscribe(unsubscribeUrl),
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      },
    },
  })

  async function attempt(transport: { sendMail: (message: object) => Promise<{ response: string }> }, mail: OutgoingMail, signals: AbortSignal[]): Promise<Verdict> {
    // The library makes two lines one, and sends to what comes of it.
    if (deliverableAddress(mail.to.address) === undefined) return { outcome: 'refused', bounced: false, reply: 'No mail can be sent to this address' }
    const limit = AbortSignal.timeout(sendMs)
    try {
      const { response } = await transport.sendMail({
        ...asMessage(mail),
        signal: AbortSignal.any([limit, ...signals]),
      })
      return {
        outcome: 'sent',
        reply: asReply(response),
      }
    }
    catch (error) {
      if (limit.aborted) return { outcome: 'later', ofServer: true, reply: `The mail server had not taken it after ${sendMs / 1000} seconds` }
      if (signals.some(({ aborted }) => aborted)) return { outcome: 'later', ofServer: true, reply: 'This server was stopped while it sent' }
      return verdictOf(error as SmtpFault)
    }
  }

  return {
    place: {
      host: server.host,
      port: server.port,
      encryption: server.tls
        ? 'tls'
        : mayBePlain
          ? 'maybe'
          : 'starttls',
      signsIn: server.auth !== undefined,
      from: mailFrom,
      replyTo: config.mailReplyTo ?? null,
      isSigned: config.mailDkimKey !== undefined,
    },

    send: (mail, signal) => attempt(pool, mail, signal
      ? [signal]
      : []),

    async sendTold(mail) {
      const transcript: TranscriptLine[] = []
      const once = createTransport({
        ...options,
        transactionLog: true,
        logger: transcriber(transcript),
      })
      const verdict = await attempt(once, mail, [])
      once.close()
      return { verdict, transcript }
    },

    async verify() {
      const once = createTransport(options)
      try {
        await once.verify()
      }
      finally {
        once.close()
      }
    },

    close: () => pool.close({ force: true }),
  }
}

/** Says what the library logs. It leaves out passwords itself; what is left of a sign-in is a user's name in Base64, which is nobody's business either. */
function transcriber(lines: TranscriptLine[]) {
  const by: Record<string, TranscriptLine['by']> = { client: 'us', server: 'server', network: 'note' }
  let signingIn = false
  const write = (entry: { tnx?: string } | undefined, message: string, ...args: unknown[]) => {
    const whose = by[entry?.tnx ?? '']
    if (!whose) return
    for (const line of format(message, ...args).split(/\r?\n/)) {
      if (lines.length >= MAX_LINES) return
      const isAuth = /^AUTH\b/i.test(line)
      if (whose === 'us') {
        const [verb, mechanism] = line.split(' ')
        lines.push({
          by: whose,
          text: isAuth
            ? `${verb} ${mechanism} ***`
            : signingIn && !/^[A-Z]{4}\b/.test(line)
              ? '***'
              : asReply(line),
        })
        signingIn = isAuth || (signingIn && !/^[A-Z]{4}\b/.test(line))
      }
      else if (line !== '') {
        lines.push({
          by: whose,
          text: asReply(line),
        })
      }
    }
  }
  return {
    level: () => {},
    trace: write,
    debug: write,
    info: write,
    warn: write,
    error: write,
    fatal: write,
  }
}
