import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Instant, Literals, Nullable, Page, PageQuery, Uuid } from '../../http/schemas.ts'
import { subjectKinds } from '../audit/define-action.ts'
import { channels, notificationTypes } from './notification-rules.ts'

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

/** What was not chosen is told in the app. */
export const PreferencesInput = Body({
  choices: Type.Array(Body({
    type: NotificationType,
    workspaceId: Type.Unsafe<string | null>({
      ...Nullable(Uuid),
      description: 'Null: everywhere that has no choice of its own',
    }),
    channel: Literals(...channels),
  }), { maxItems: 1000 }),
})
export const NotificationPreferences = Type.Object(PreferencesInput.properties, { $id: 'NotificationPreferences' })
export type NotificationPreferences = Static<typeof NotificationPreferences>
