import type { MessageStructureObject } from 'imapflow'
import type { Config } from '../config/config.ts'
import { ImapFlow } from 'imapflow'
import { imapServerOf, isPrivateHost } from '../config/mail.ts'
import { replyAddressOf, tagIn } from './reply-address.ts'
import { answerOf, textOfHtml } from './reply-text.ts'

/** A mail that came. Who sent it is what it says; nothing vouches for it but what it knows of (`tag`, `answers`). */
export interface Reply {
  /** Lower case. */
  from: string
  /** What stands behind the `+` of our address that it was sent to (RFC 5233), if anything does. */
  tag: string | undefined
  subject: string
  /** Without angle brackets; empty where it has none. */
  messageId: string
  /** Which mails it answers: their Message-IDs, without angle brackets. */
  answers: string[]
  /** What was written above the quoted mail. */
  text: string
  /** Longer than what is kept. */
  isCut: boolean
  /** What else it brought, and is left in the mailbox. */
  attachments: number
  /** A machine wrote it (RFC 3834), or a list passed it on. */
  isAutomatic: boolean
}

/** Where reading has come to: UIDs count within one UIDVALIDITY (RFC 9051 §2.3.1.1). */
export interface InboxPlace { validity: string, uid: number }

export interface OpenInbox {
  /** Behind the newest mail. */
  end: InboxPlace
  /** What came after a place, oldest first; of another UIDVALIDITY what came since a day before `since`. */
  read: (after: InboxPlace, since: Date) => AsyncGenerator<{ place: InboxPlace, reply: Reply }>
  close: () => Promise<void>
}

export interface ReplyInbox {
  /** Where it is, in words for an operator; no secret. */
  readonly place: { host: string, port: number, mailbox: string, address: string }
  /** Mails to it come into this mailbox. */
  addressOf: (tag: string) => string
  /** @throws {Error} as the server or the connection says it */
  open: (signal?: AbortSignal) => Promise<OpenInbox>
}

export type InboxConfig = Pick<Config, 'replyInbox' | 'replyAddress' | 'smtpAllowPlain'>

export const IMAP_LIMITS = { connectMs: 15_000, greetingMs: 15_000, idleMs: 30_000 }
/** Of the part that is read; the rest of a mail never leaves the mailbox. */
const MOST_TEXT_BYTES = 256 * 1024
const HEADERS = [
  'references',
  'in-reply-to',
  'auto-submitted',
  'precedence',
  'list-id',
  'return-path',
  'delivered-to',
  'x-original-to',
]

/** Undefined without REPLY_INBOX. */
export function createReplyInbox(config: InboxConfig, { connectMs, greetingMs, idleMs } = IMAP_LIMITS): ReplyInbox | undefined {
  const { replyInbox } = config
  if (replyInbox === undefined) return undefined
  const server = imapServerOf(replyInbox)
  const address = replyAddressOf(config)!
  const mayBePlain = config.smtpAllowPlain && isPrivateHost(server.host)

  async function connect(signal?: AbortSignal): Promise<ImapFlow> {
    const client = new ImapFlow({
      host: server.host,
      port: server.port,
      secure: server.tls,
      doSTARTTLS: !server.tls && !mayBePlain
        ? true
        : undefined,
      auth: server.auth,
      tls: { minVersion: 'TLSv1.2', rejectUnauthorized: !mayBePlain },
      logger: false,
      disableAutoIdle: true,
      connectionTimeout: connectMs,
      greetingTimeout: greetingMs,
      socketTimeout: idleMs,
      maxLineLength: 1024 * 1024,
      maxResponseSize: 8 * 1024 * 1024,
    })
    // What happens to a connection that nobody waits for is told by the next command.
    client.on('error', () => {})
    const end = () => client.close()
    signal?.addEventListener('abort', end, { once: true })
    client.once('close', () => signal?.removeEventListener('abort', end))
    signal?.throwIfAborted()
    await client.connect()
    return client
  }

  return {
    place: {
      host: server.host,
      port: server.port,
      mailbox: server.mailbox,
      address,
    },

    addressOf: tag => replyAddressOf(config, tag)!,

    async open(signal) {
      const client = await connect(signal)
      try {
        const box = await client.mailboxOpen(server.mailbox, { readOnly: true })
        const validity = String(box.uidValidity)
        return {
          end: { validity, uid: box.uidNext - 1 },
          async* read(after, since) {
            const from = after.validity === validity
              ? after.uid
              : 0
            const found = await client.search(from === 0 && after.validity !== validity
              ? {
                  since: new Date(since.getTime() - 86_400_000),
                }
              : { uid: `${from + 1}:*` }, { uid: true }) || []
            // `n:*` is never empty: it has the newest mail, however old (RFC 9051 §9, seq-range).
            for (const uid of found.filter(uid => uid > from).sort((a, b) => a - b)) {
              const reply = await readOne(client, uid)
              if (reply) {
                yield {
                  place: { validity, uid },
                  reply,
                }
              }
            }
          },
          async close() {
            await client.logout().catch(() => client.close())
          },
        }
      }
      catch (error) {
        client.close()
        throw error
      }
    },
  }

  /** Undefined for one that somebody has deleted meanwhile. */
  async function readOne(client: ImapFlow, uid: number): Promise<Reply | undefined> {
    const message = await client.fetchOne(String(uid), {
      uid: true,
      envelope: true,
      bodyStructure: true,
      headers: HEADERS,
    }, { uid: true })
    if (!message) return undefined
    const { envelope, bodyStructure } = message
    const header = headersOf(message.headers)
    const leaves = bodyStructure
      ? leavesOf(bodyStructure)
      : []
    const shown = leaves.filter(({ type, disposition }) => disposition !== 'attachment' && (type === 'text/plain' || type === 'text/html'))
    const best = shown.find(({ type }) => type === 'text/plain') ?? shown[0]
    const addresses = [
      ...envelope?.to ?? [],
      ...envelope?.cc ?? [],
    ].map(({ address }) => address ?? '')
    const { text, isCut } = answerOf(best
      ? await textOf(client, uid, best)
      : '')
    return {
      from: (envelope?.from?.[0]?.address ?? '').toLowerCase(),
      tag: [
        ...addresses,
        ...header('delivered-to'),
        ...header('x-original-to'),
      ]
        .map(to => tagIn(to, address))
        .find(tag => tag !== undefined),
      subject: (envelope?.subject ?? '').slice(0, 1000),
      messageId: idsIn(envelope?.messageId ?? '')[0] ?? '',
      answers: idsIn([
        ...header('in-reply-to'),
        ...header('references'),
      ].join(' ')).slice(0, 100),
      text,
      isCut,
      attachments: leaves.filter(leaf => !shown.includes(leaf)).length,
      isAutomatic: header('auto-submitted').some(value => !/^no\b/i.test(value))
        || header('precedence').some(value => /^(?:bulk|junk|list|auto_reply)\b/i.test(value))
        || header('list-id').length > 0
        || header('return-path').some(value => /^<\s*>$/.test(value)),
    }
  }
}

/** Not of mails that are attached to it: what is written there is no answer. */
function leavesOf(node: MessageStructureObject): MessageStructureObject[] {
  return node.childNodes && node.type.startsWith('multipart/')
    ? node.childNodes.flatMap(leavesOf)
    : [node]
}

async function textOf(client: ImapFlow, uid: number, { part = '1', type }: MessageStructureObject): Promise<string> {
  const { content } = await client.download(String(uid), part, { uid: true, maxBytes: MOST_TEXT_BYTES })
  if (!content) return ''
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return type === 'text/html'
    ? textOfHtml(text)
    : text
}

/** Fields by name, unfolded (RFC 5322 §2.2.3). */
function headersOf(bytes: Buffer | undefined): (name: string) => string[] {
  const fields = (bytes?.toString('latin1') ?? '').replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  return name => fields.filter(field => field.toLowerCase().startsWith(`${name}:`)).map(field => field.slice(name.length + 1).trim())
}

const idsIn = (text: string): string[] => Array.from(text.matchAll(/<([^<>\s]{1,998})>/g), ([, id]) => id!)
