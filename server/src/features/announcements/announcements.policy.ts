import type { MailLanguage } from '../../mail/define-mail.ts'
import type { MailState } from '../../mail/mails.queries.ts'
import type { Announcement, AnnouncementTexts } from './announcements.schemas.ts'
import { mailLanguages } from '../../mail/define-mail.ts'

export const languagesOf = (texts: AnnouncementTexts) => mailLanguages.filter(language => texts[language])

/** In this language, or in the other where it is not written in this. */
export function textFor(texts: AnnouncementTexts, wanted: MailLanguage): { language: MailLanguage, subject: string, markdown: string } {
  const language = texts[wanted]
    ? wanted
    : languagesOf(texts)[0]!
  return { language, ...texts[language]! }
}

/** As it is shown: what was started follows from its times and its mails. */
export function stateOf({ state, startsAt, queuedAt }: { state: 'draft' | 'started' | 'stopped', startsAt: Date | null, queuedAt: Date | null }, now: Date, waiting: number): Announcement['state'] {
  if (state !== 'started') return state
  if (startsAt! > now) return 'scheduled'
  return queuedAt && waiting === 0
    ? 'sent'
    : 'sending'
}

/** Of its mails, by how they stand in the outbox. */
export const outcomeOf = ({ unmailable }: { unmailable: number }, { sent, failed, expired, suppressed }: Record<MailState, number>) => ({
  sent,
  failed: failed + expired,
  skipped: suppressed + unmailable,
})
