import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Instant, Line, Literals, Nullable, Page, PageQuery, Ref, Text, Uuid } from '../../http/schemas.ts'
import { mailLanguages } from '../../mail/define-mail.ts'
import { announcementKinds, consentKinds, consentSources } from './consents.policy.ts'

const Language = Literals(...mailLanguages)
const Kind = Literals(...announcementKinds)
const Whom = Literals('everyone', 'admins', 'workspace', 'language')
const BannerDays = Type.Integer({ minimum: 1, maximum: 90, description: 'So many days it is shown in the app' })

const WrittenText = Body({
  subject: Line(150),
  markdown: Text(10_000),
})
const Texts = Type.Object({
  en: Type.Optional(WrittenText),
  de: Type.Optional(WrittenText),
}, { additionalProperties: false, minProperties: 1, description: 'Whoever’s language is not among them gets the other' })
export type AnnouncementTexts = Static<typeof Texts>

const AudienceInput = Body({
  to: Whom,
  workspaceId: Type.Optional(Uuid),
  language: Type.Optional(Language),
})
export type AudienceInput = Static<typeof AudienceInput>

const input = {
  kind: Kind,
  audience: AudienceInput,
  texts: Texts,
  at: Type.Optional(Nullable(Instant)),
  bannerDays: Type.Optional(BannerDays),
}
export const AnnouncementInput = Body(input)
export type AnnouncementInput = Static<typeof AnnouncementInput>
export const AnnouncementChange = Type.Partial(AnnouncementInput, { additionalProperties: false })
export type AnnouncementChange = Static<typeof AnnouncementChange>

const shownText = Type.Optional(Type.Object({
  subject: Type.String(),
  markdown: Type.String(),
}))
const announcement = {
  id: Uuid,
  kind: Kind,
  audience: Type.Object({
    to: Whom,
    workspaceId: Nullable(Uuid),
    workspaceName: Nullable(Type.String()),
    language: Nullable(Language),
  }),
  texts: Type.Object({ en: shownText, de: shownText }),
  at: Nullable(Instant),
  bannerDays: BannerDays,
  state: Type.Unsafe<'draft' | 'scheduled' | 'sending' | 'sent' | 'stopped'>(Type.String({
    enum: [
      'draft',
      'scheduled',
      'sending',
      'sent',
      'stopped',
    ],
    description: '`sending` until the last mail has left or failed',
  })),
  startsAt: Nullable(Instant),
  stoppedAt: Nullable(Instant),
  bannerUntil: Nullable(Instant),
  progress: Type.Object({
    waiting: Type.Integer({ description: 'Mails that are still to leave' }),
    sent: Type.Integer(),
    failed: Type.Integer(),
    skipped: Type.Integer({ description: 'People to whose address no mail is sent' }),
  }),
  etag: Type.String(),
  updatedAt: Instant,
}
export const Announcement = Type.Object(announcement, { $id: 'Announcement' })
export type Announcement = Static<typeof Announcement>
export const AnnouncementDetail = Type.Object({
  ...announcement,
  reach: Type.Integer({ description: 'How many people it concerns now' }),
}, { $id: 'AnnouncementDetail' })
export type AnnouncementDetail = Static<typeof AnnouncementDetail>

export const AnnouncementPage = Page(Ref(Announcement))
export type AnnouncementPage = Static<typeof AnnouncementPage>
export const AnnouncementListQuery = Type.Object(PageQuery, { additionalProperties: false })
export type AnnouncementListQuery = Static<typeof AnnouncementListQuery>
export const AnnouncementParams = Type.Object({ announcementId: Uuid })
export const AnnouncementPreviewQuery = Type.Object({ language: Language }, { additionalProperties: false })

export const OwnAnnouncement = Type.Object({
  id: Uuid,
  kind: Kind,
  language: Type.Unsafe<typeof mailLanguages[number]>(Type.String({
    enum: [...mailLanguages],
    description: 'Of its text',
  })),
  subject: Type.String(),
  markdown: Type.String(),
  startedAt: Instant,
}, { $id: 'OwnAnnouncement' })
export type OwnAnnouncement = Static<typeof OwnAnnouncement>
export const OwnAnnouncementQuery = Type.Object({
  language: Type.Optional(Language),
}, { additionalProperties: false })
export const OwnAnnouncements = Type.Object({
  items: Type.Array(Ref(OwnAnnouncement)),
})

export const ConsentParams = Type.Object({
  kind: Literals(...consentKinds),
})
export const ConsentInput = Body({
  isGiven: Type.Boolean(),
})
export const Consent = Type.Object({
  kind: Literals(...consentKinds),
  isGiven: Type.Boolean(),
  at: Type.Unsafe<string | null>({
    ...Nullable(Instant),
    description: 'Since when',
  }),
  source: Nullable(Literals(...consentSources)),
}, { $id: 'Consent' })
export type Consent = Static<typeof Consent>
export const Consents = Type.Object({
  items: Type.Array(Ref(Consent)),
})
