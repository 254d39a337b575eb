import type { InboxConfig } from '../../mail/reply-inbox.ts'
import type { MailConfig } from '../../mail/transport.ts'
import type { Finding } from './finding.ts'
import { createReplyInbox } from '../../mail/reply-inbox.ts'
import { createMailTransport } from '../../mail/transport.ts'
import { asReply } from '../../mail/verdict.ts'
import { find } from './finding.ts'

/** Connects to the mail server, encrypts and signs in; sends nothing. */
export async function examineMail(config: MailConfig): Promise<Finding> {
  const transport = createMailTransport(config)
  if (!transport) return find('mail.unset')
  const { host, port, encryption, from } = transport.place
  const server = `${host}:${port}`
  try {
    await transport.verify()
    return find(encryption === 'maybe'
      ? 'mail.plain'
      : 'mail.well', { server, from })
  }
  catch (error) {
    const { code, message } = error as Error & { code?: string }
    return find(code === 'EAUTH'
      ? 'mail.sign_in'
      : code === 'ETLS'
        ? 'mail.tls'
        : 'mail.silent', {
      server,
      problem: asReply(message),
    })
  }
  finally {
    transport.close()
  }
}

/** Opens the mailbox that answers come into, where there is one; reads nothing. */
export async function* examineReplies(config: InboxConfig): AsyncGenerator<Finding> {
  const inbox = createReplyInbox(config)
  if (!inbox) return
  const { host, port, mailbox, address } = inbox.place
  const server = `${host}:${port}`
  try {
    const open = await inbox.open()
    await open.close()
    yield find('mail.replies', { mailbox, server, address })
  }
  catch (error) {
    const { responseText, message } = error as Error & { responseText?: string }
    yield find('mail.replies_unread', {
      mailbox,
      server,
      problem: asReply(responseText ?? message),
    })
  }
}
