import type { Raw } from './fragment.ts'
import { createPrivateKey } from 'node:crypto'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Type } from 'typebox'
import { defineFragment, setting } from './fragment.ts'

export interface SmtpServer {
  host: string
  port: number
  /** TLS from the first byte (smtps); otherwise by STARTTLS. */
  tls: boolean
  auth: { user: string, pass: string } | undefined
}

const DEFAULT_PORTS: Record<string, number> = { 'smtp:': 587, 'smtps:': 465 }

/** @param text the setting SMTP_URL, checked by `smtpUrlProblem` */
export function smtpServerOf(text: string): SmtpServer {
  const url = new URL(text)
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: Number(url.port) || DEFAULT_PORTS[url.protocol]!,
    tls: url.protocol === 'smtps:',
    auth: url.username === ''
      ? undefined
      : {
          user: decodeURIComponent(url.username),
          pass: decodeURIComponent(url.password),
        },
  }
}

const FORM = 'must be smtp://user:password@host:587, or smtps://… for TLS from the start'

function smtpUrlProblem(text: string): string | undefined {
  if (!/^smtps?:\/\//i.test(text)) return FORM
  const url = URL.parse(text)
  const rest = url && (url.pathname === '/'
    ? ''
    : url.pathname) + url.search + url.hash
  // What stands behind one of these in a password would be read as something else.
  if (rest !== '') return `${FORM}; in user and password, characters such as @ : / ? # % are written as %40 %3A %2F %3F %23 %25`
  if (url!.hostname === '') return FORM
  if ((url!.username === '') !== (url!.password === '')) return 'must have both a user and a password, or neither'
  try {
    decodeURIComponent(url!.username + url!.password)
  }
  catch {
    return 'must have % in user and password written as %25'
  }
  return undefined
}

export interface ImapServer {
  host: string
  port: number
  /** TLS from the first byte (imaps); otherwise by STARTTLS. */
  tls: boolean
  auth: { user: string, pass: string }
  mailbox: string
}

/** @param text the setting REPLY_INBOX, checked by `imapUrlProblem` (RFC 5092) */
export function imapServerOf(text: string): ImapServer {
  const url = new URL(text)
  const tls = url.protocol === 'imaps:'
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: Number(url.port) || (tls
      ? 993
      : 143),
    tls,
    auth: {
      user: decodeURIComponent(url.username),
      pass: decodeURIComponent(url.password),
    },
    mailbox: decodeURIComponent(url.pathname.slice(1)) || 'INBOX',
  }
}

const IMAP_FORM = 'must be imaps://user:password@host/INBOX, or imap://… for STARTTLS; in user and password, characters such as @ : / ? # % are written as %40 %3A %2F %3F %23 %25'

function imapUrlProblem(text: string): string | undefined {
  if (!/^imaps?:\/\//i.test(text)) return IMAP_FORM
  const url = URL.parse(text)
  if (!url || url.hostname === '' || url.username === '' || url.password === '' || url.search + url.hash !== '') return IMAP_FORM
  try {
    decodeURIComponent(url.username + url.password + url.pathname)
  }
  catch {
    return IMAP_FORM
  }
  return undefined
}

const PRIVATE_KINDS = [
  'loopback',
  'private',
  'uniqueLocal',
  'linkLocal',
]
/** Names that no public name server answers (RFC 6761, 6762, 8375), and those of containers, which have no dot. */
const PRIVATE_NAME = /^[^.]+$|\.(?:localhost|local|internal|lan|home\.arpa)$/i

/** Whether what is sent there stays on this machine or in its own network. */
export const isPrivateHost = (host: string) => isIP(host) === 0
  ? PRIVATE_NAME.test(host)
  : PRIVATE_KINDS.includes(ipaddr.process(host).range())

function dkimKeyProblem(text: string): string | undefined {
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType === 'rsa' && key.asymmetricKeyDetails!.modulusLength! >= 1024) return undefined
  }
  catch {}
  return 'must be an RSA private key in PEM (-----BEGIN PRIVATE KEY-----), without a passphrase'
}

const address = { minLength: 3, maxLength: 254, pattern: '^[^@\\s<>,;:"]+@[^@\\s<>,;:"]+$' }
const mustBeAddress = (value: string) => new RegExp(address.pattern).test(value)
  ? undefined
  : 'must be an e-mail address and nothing else, as files@example.com'

/** How mail leaves. Without SMTP_URL none does, and links are passed on by people. */
export const mailSettings = defineFragment({
  settings: {
    smtpUrl: Type.Optional(Type.String({
      ...setting('SMTP_URL', 'The mail server that takes what is sent: smtp://user:password@host:587, or smtps://… for TLS from the start. Absent: no mail is sent', true, smtpUrlProblem),
      maxLength: 2048,
    })),
    smtpAllowPlain: Type.Boolean({
      ...setting('SMTP_ALLOW_PLAIN', 'true: a mail server on this machine or in a private network may do without TLS, or with a certificate that nobody vouches for'),
      default: false,
    }),
    mailFrom: Type.Optional(Type.String({
      ...setting('MAIL_FROM', 'The address that mails come from; the name beside it is the workspace’s or the instance’s', false, mustBeAddress),
      ...address,
    })),
    mailReplyTo: Type.Optional(Type.String({
      ...setting('MAIL_REPLY_TO', 'The address that answers go to; absent: MAIL_FROM', false, mustBeAddress),
      ...address,
    })),
    replyInbox: Type.Optional(Type.String({
      ...setting('REPLY_INBOX', 'A mailbox of this deployment’s own, read over IMAP: imaps://user:password@host/INBOX. What people answer by mail then stands where they are answered; nothing in it is deleted. Absent: they answer on the page', true, imapUrlProblem),
      maxLength: 2048,
    })),
    replyAddress: Type.Optional(Type.String({
      ...setting('REPLY_ADDRESS', 'With REPLY_INBOX: the address whose mails come into it, also with a + and more before the @ (replies+x@example.com); absent: its user, where that is an address', false, mustBeAddress),
      ...address,
    })),
    mailPerMinute: Type.Integer({
      ...setting('MAIL_PER_MINUTE', 'At most so many mails leave in a minute, from all servers together'),
      minimum: 1,
      maximum: 100_000,
      default: 120,
    }),
    mailDkimSelector: Type.Optional(Type.String({
      ...setting('MAIL_DKIM_SELECTOR', 'With MAIL_DKIM_KEY: the name under which the domain of MAIL_FROM publishes the key (NAME._domainkey.example.com)'),
      pattern: '^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$',
    })),
    mailDkimKey: Type.Optional(Type.String({
      ...setting('MAIL_DKIM_KEY', 'Signs mails (DKIM): an RSA private key in PEM. Absent: the mail server signs them, or nobody does', true, dkimKeyProblem),
      maxLength: 16_384,
    })),
  },
  check: raw => [
    ...raw.smtpUrl !== undefined && raw.mailFrom === undefined
      ? ['SMTP_URL is set, but MAIL_FROM does not say from which address mails come.']
      : [],
    ...(raw.mailDkimSelector === undefined) === (raw.mailDkimKey === undefined)
      ? []
      : ['MAIL_DKIM_SELECTOR and MAIL_DKIM_KEY must be set together.'],
    ...inboxProblems(raw),
    ...plainProblems(raw),
  ],
})

function inboxProblems({ replyInbox, replyAddress, smtpUrl }: Raw): string[] {
  if (replyInbox === undefined) {
    return replyAddress === undefined
      ? []
      : ['REPLY_ADDRESS is set, but REPLY_INBOX does not say where its mails are read.']
  }
  if (smtpUrl === undefined) return ['REPLY_INBOX is set, but nothing is sent that could be answered: set SMTP_URL.']
  if (replyAddress !== undefined || imapUrlProblem(String(replyInbox)) !== undefined) return []
  return mustBeAddress(imapServerOf(String(replyInbox)).auth.user) === undefined
    ? []
    : ['REPLY_INBOX has a user that is no address: set REPLY_ADDRESS.']
}

function plainProblems({ smtpUrl, smtpAllowPlain }: Raw): string[] {
  if (smtpAllowPlain !== true || smtpUrl === undefined || smtpUrlProblem(String(smtpUrl)) !== undefined) return []
  const { host } = smtpServerOf(String(smtpUrl))
  return isPrivateHost(host)
    ? []
    : [`SMTP_ALLOW_PLAIN is for a mail server on this machine or in a private network, and ${host} is neither: everybody on the way could read what is sent. Remove it.`]
}
