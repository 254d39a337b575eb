import type { MailDefinition } from './mail/define-mail.ts'
import { announcementMail, announcementNewsMail } from './features/announcements/announcements.mails.ts'
import { emailCodeMail, registrationMail, signInOtherwiseMail } from './features/auth/auth.mails.ts'
import { testMail } from './features/mail/mail.mails.ts'
import { invitationMail } from './features/members/members.mails.ts'
import { accountNewsMail, newsMail } from './features/notifications/notifications.mails.ts'
import { requestConfirmMail, requestExtendedMail, requestReplyMail, workspaceReadyMail } from './features/requests/requests.mails.ts'
import { emailChangeAskedMail, emailChangedMail, emailConfirmMail, emailTakenMail, passwordResetMail } from './features/users/users.mails.ts'

/** Every mail that the server sends, in the order in which operators see them. */
const list = [
  invitationMail,
  registrationMail,
  passwordResetMail,
  emailCodeMail,
  signInOtherwiseMail,
  newsMail,
  accountNewsMail,
  announcementMail,
  announcementNewsMail,
  requestConfirmMail,
  requestReplyMail,
  requestExtendedMail,
  workspaceReadyMail,
  emailConfirmMail,
  emailChangeAskedMail,
  emailChangedMail,
  emailTakenMail,
  testMail,
] as unknown as MailDefinition[]

/** By name: a row of the outbox knows its own by it. */
export const mailDefinitions: ReadonlyMap<string, MailDefinition> = new Map(list.map(definition => [definition.name, definition]))
