import type { Tx } from '../../db/database.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { InvitationRow } from './members.queries.ts'
import { mailLanguageOf } from '../../mail/define-mail.ts'
import { invitationMail } from './members.mails.ts'
import { findLocale } from './members.queries.ts'
import { mailKeyOf } from './seats.ts'

/** To its address, where it has one and is to be mailed. @returns whether it is on its way */
export async function mailInvitation(tx: Tx, mail: Pick<Mailer, 'queue'>, invitation: InvitationRow, { workspace, inviter, token }: {
  workspace: { name: string }
  inviter: string
  token: string
}): Promise<boolean> {
  const { email, role, expiresAt, createdBy, mailedTokenHash, language } = invitation
  if (email === null || mailedTokenHash === null) return false
  return await mail.queue(tx, invitationMail, {
    key: mailKeyOf(invitation),
    to: { address: email },
    language: language ?? mailLanguageOf(await findLocale(tx, createdBy)),
    sender: workspace.name,
    data: {
      workspace: workspace.name,
      inviter,
      role,
      email,
      expiresAt: expiresAt.toISOString(),
    },
    secrets: { token },
    usefulUntil: expiresAt,
  }) > 0
}
