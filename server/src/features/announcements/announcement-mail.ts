import type { Tx } from '../../db/database.ts'
import type { MailLanguage } from '../../mail/define-mail.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { RenderedMail } from '../../mail/render-mail.ts'
import type { AnnouncementRow } from './announcements.queries.ts'
import { renderMail } from '../../mail/render-mail.ts'
import { announcementMail, announcementNewsMail } from './announcements.mails.ts'
import { textFor } from './announcements.policy.ts'
import { needsConsent } from './consents.policy.ts'

/** What is new is old then, and is not sent any more. */
const USEFUL_MS = 7 * 86_400_000

type Written = Pick<AnnouncementRow, 'kind' | 'texts'>
export interface Recipient { id: string, name: string, email: string, language: MailLanguage, key: string, groupId?: string }

/** Announcements as mails: of a kind that people have agreed to, with a way to end it. */
export interface AnnouncementMails {
  /** @returns how many have an address that mail can be sent to */
  queue: (tx: Tx, row: Written, sender: string, people: readonly Recipient[]) => Promise<number>
  render: (row: Written, language: MailLanguage, sender: string) => RenderedMail
}

export function createAnnouncementMails({ mail, clock, publicUrl, unsubscribePath }: { mail: Pick<Mailer, 'queue'>, clock: () => Date, publicUrl: string, unsubscribePath: (userId: string, kind: string) => string }): AnnouncementMails {
  return {
    queue(tx, { kind, texts }, sender, people) {
      const addressed = people.map(({ id, name, email, language: wanted, key, groupId }) => {
        const { language, ...text } = textFor(texts, wanted)
        return {
          id,
          text,
          rest: {
            key,
            groupId,
            to: { address: email, name },
            language,
            sender,
          },
        }
      })
      return needsConsent(kind)
        ? mail.queue(tx, announcementNewsMail, ...addressed.map(({ id, text, rest }) => ({
            ...rest,
            data: { kind, ...text },
            secrets: {
              unsubscribePath: unsubscribePath(id, kind),
            },
            usefulUntil: new Date(clock().getTime() + USEFUL_MS),
          })))
        : mail.queue(tx, announcementMail, ...addressed.map(({ text, rest }) => ({
            ...rest,
            data: { kind, ...text },
            secrets: {},
          })))
    },

    render({ kind, texts }, wanted, sender) {
      const { language, ...text } = textFor(texts, wanted)
      const given = {
        data: { kind, ...text },
        language,
        sender,
        publicUrl,
      }
      return needsConsent(kind)
        ? renderMail(announcementNewsMail as never, { ...given, secrets: announcementNewsMail.sample.secrets })
        : renderMail(announcementMail as never, { ...given, secrets: {} })
    },
  }
}
