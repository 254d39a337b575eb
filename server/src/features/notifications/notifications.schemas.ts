import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Instant, Literals, Nullable, Page, PageQuery, Uuid } from '../../http/schemas.ts'
import { consentKinds } from '../announcements/consents.policy.ts'
import { subjectKinds } from '../audit/define-action.ts'
import { channels, chosenTypes, mailKinds, notificationTypes } from './notification-rules.ts'

const NotificationType = Literals(...notificationTypes)

export const Notification = Type.Object({
  id: Uuid,
  type: NotificationType,
  at: Type.Unsafe<string>({ ...Instant, description: 'Of the newest event in it' }),
  isRead: Type.Boolean(),
  count: Type.Integer({ minimum: 1, description: 'How many events it tells of: of one type, by one person, at one place and in one hour' }),
  workspace: Nullable(Type.Object({
    id: Uuid,
    slug: Type.String(),
    name: Type.String(),
  })),
  actor: Type.Object({
    kind: Literals('user', 'visitor', 'system'),
    id: Nullable(Uuid),
    name: Type.String(),
  }),
  subject: Type.Object({
    kind: Literals(...subjectKinds),
    id: Nullable(Uuid),
    name: Type.String(),
  }, { description: 'Of the newest event in it' }),
  place: Nullable(Type.Object({
    id: Uuid,
    name: Type.String(),
  }, { description: 'The folder where it happened' })),
  details: Type.Record(Type.String(), Type.Unknown()),
}, { $id: 'Notification' })
export type Notification = Static<typeof Notification>

const unread = {
  unreadCount: Type.Integer({ minimum: 0, maximum: 100, description: 'At 100 there may be more' }),
}
export const NotificationPage = Type.Object({
  ...Page(Type.Unsafe<Notification>(Type.Ref('Notification'))).properties,
  ...unread,
}, { $id: 'NotificationPage' })
export const UnreadNotifications = Type.Object(unread, { $id: 'UnreadNotifications' })
export type NotificationPage = Static<typeof NotificationPage>

export const NotificationsQuery = Type.Object({
  ...PageQuery,
  unread: Type.Optional(Type.Boolean()),
  type: Type.Optional(NotificationType),
  workspaceId: Type.Optional(Uuid),
})

const Ids = Type.Array(Uuid, { minItems: 1, maxItems: 200 })
export const UnreadInput = Body({ ids: Ids })
export const ReadInput = Type.Union([
  UnreadInput,
  Body({
    all: Type.Literal(true),
  }),
])

const Hour = Type.Integer({ minimum: 0, maximum: 23, description: 'Of the person’s day' })
const MailKind = Literals(...mailKinds)
/** Of news by the log, or of announcements that one has agreed to. */
const EndedKind = Literals(...mailKinds, ...consentKinds)
const preferences = {
  choices: Type.Array(Body({
    type: Literals(...chosenTypes),
    workspaceId: Type.Unsafe<string | null>({
      ...Nullable(Uuid),
      description: 'Null: everywhere that has no choice of its own',
    }),
    channel: Literals(...channels),
  }), { maxItems: 1000 }),
  digestHour: Hour,
  quietHours: Nullable(Body({ from: Hour, until: Hour })),
  unsubscribed: Type.Array(MailKind, { maxItems: 100, uniqueItems: true, description: 'Kinds of mails that were ended: of a type at once, or `daily`, `weekly`' }),
}
export const PreferencesInput = Body(preferences)
export type PreferencesChange = Static<typeof PreferencesInput>

export const NotificationPreferences = Type.Object({
  ...preferences,
  defaults: Type.Record(Type.String(), Literals(...channels), { description: 'By type: what holds without a choice. What stands not here is about who may use the account, and always told' }),
  canMail: Type.Boolean(),
}, { $id: 'NotificationPreferences' })
export type NotificationPreferences = Static<typeof NotificationPreferences>

export const UnsubscribeParams = Type.Object({
  token: Type.String({ maxLength: 256 }),
})
export const UnsubscribeInput = Body({
  isOn: Type.Boolean(),
})
export const Unsubscribing = Type.Object({
  kind: EndedKind,
  isOn: Type.Boolean({ description: 'Whether mails of this kind are sent' }),
  others: Type.Array(EndedKind, { description: 'What else is mailed to the person' }),
}, { $id: 'Unsubscribing' })
export type Unsubscribing = Static<typeof Unsubscribing>
