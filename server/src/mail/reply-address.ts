import type { Config } from '../config/config.ts'
import { imapServerOf } from '../config/mail.ts'

/** Where mails for us come in (RFC 5233): with a tag, they are still for this mailbox. Undefined without REPLY_INBOX. */
export function replyAddressOf({ replyInbox, replyAddress }: Pick<Config, 'replyInbox' | 'replyAddress'>, tag?: string): string | undefined {
  if (replyInbox === undefined) return undefined
  const address = (replyAddress ?? imapServerOf(replyInbox).auth.user).toLowerCase()
  const at = address.lastIndexOf('@')
  return tag === undefined
    ? address
    : `${address.slice(0, at)}+${tag}${address.slice(at)}`
}

/** What stands behind the `+` of an address of ours. */
export function tagIn(address: string, ours: string): string | undefined {
  const at = ours.lastIndexOf('@')
  const start = `${ours.slice(0, at)}+`
  const end = ours.slice(at)
  const given = address.trim().replaceAll(/[<>]/g, '').toLowerCase()
  return given.startsWith(start) && given.endsWith(end) && given.length > start.length + end.length
    ? given.slice(start.length, -end.length)
    : undefined
}
