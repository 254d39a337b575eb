import type { AnnouncementDetail, CreateAnnouncementData } from '../../../api/generated/types.gen.ts'

type Input = CreateAnnouncementData['body']
export const announcementLanguages = ['en', 'de'] as const
export type AnnouncementLanguage = typeof announcementLanguages[number]
/** All that is asked about announcements by operators begins with it. */
export const announcementsKey = ['instance', 'announcements'] as const

export interface AnnouncementForm {
  kind: Input['kind']
  to: Input['audience']['to']
  workspaceId: string | undefined
  language: AnnouncementLanguage
  /** As a field for date and time has it, in the time of the device; empty: at once. */
  at: string
  bannerDays: number
  texts: Record<AnnouncementLanguage, { subject: string, markdown: string }>
}

export function emptyForm(): AnnouncementForm {
  return {
    kind: 'service',
    to: 'everyone',
    workspaceId: undefined,
    language: 'en',
    at: '',
    bannerDays: 14,
    texts: {
      en: { subject: '', markdown: '' },
      de: { subject: '', markdown: '' },
    },
  }
}

const twoDigits = (number: number) => String(number).padStart(2, '0')
function toField(instant: string): string {
  const at = new Date(instant)
  return `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}T${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`
}

export function formOf({ kind, audience, at, bannerDays, texts }: AnnouncementDetail): AnnouncementForm {
  const empty = emptyForm()
  return {
    kind,
    to: audience.to,
    workspaceId: audience.workspaceId ?? undefined,
    language: audience.language ?? 'en',
    at: at
      ? toField(at)
      : '',
    bannerDays,
    texts: {
      en: {
        ...empty.texts.en,
        ...texts.en,
      },
      de: {
        ...empty.texts.de,
        ...texts.de,
      },
    },
  }
}

/** What is sent of it: a language in which nothing was written is left out. */
export function inputOf({ kind, to, workspaceId, language, at, bannerDays, texts }: AnnouncementForm): Input {
  const written = announcementLanguages.filter(each => texts[each].subject.trim() || texts[each].markdown.trim())
  return {
    kind,
    audience: {
      to,
      ...to === 'workspace' && { workspaceId },
      ...to === 'language' && { language },
    },
    at: at
      ? new Date(at).toISOString()
      : null,
    bannerDays,
    texts: Object.fromEntries(written.map(each => [
      each,
      {
        subject: texts[each].subject.trim(),
        markdown: texts[each].markdown,
      },
    ])),
  }
}
