import type { MailConfig } from '../../mail/transport.ts'
import type { Finding } from './finding.ts'
import { createMailTransport } from '../../mail/transport.ts'
import { asReply } from '../../mail/verdict.ts'
import { findingsOf } from './finding.ts'

const { well, broken } = findingsOf('mail')

/** Connects to the mail server, encrypts and signs in; sends nothing. */
export async function examineMail(config: MailConfig): Promise<Finding[]> {
  const transport = createMailTransport(config)
  if (!transport) {
    return [
      well('No mail is sent: SMTP_URL is not set, so people pass invitations and links on themselves.'),
    ]
  }
  const { host, port, encryption, signsIn, from } = transport.place
  const server = `${host}:${port}`
  try {
    await transport.verify()
    return [
      well(`The mail server ${server} takes a connection${encryption === 'maybe'
        ? ''
        : ', encrypts it'}${signsIn
        ? ' and the sign-in'
        : ''}; mails come from ${from}.`),
    ]
  }
  catch (error) {
    return [
      broken(`The mail server ${server} cannot be used: ${asReply((error as Error).message)}. ${hintFor(error as { code?: string })} Mails wait for two days.`),
    ]
  }
  finally {
    transport.close()
  }
}

function hintFor({ code }: { code?: string }): string {
  if (code === 'EAUTH') return 'Check user and password in SMTP_URL.'
  if (code === 'ETLS') return 'Check host and port in SMTP_URL; a server on this machine or in a private network may do without TLS by SMTP_ALLOW_PLAIN=true.'
  return 'Check host and port in SMTP_URL (smtps:// for TLS from the start), and that this machine may connect there.'
}
