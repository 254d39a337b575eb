import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Instant, Line, Literals, Nullable, Page, PageQuery, Ref, Uuid } from '../../http/schemas.ts'
import { PictureVersion } from './users.schemas.ts'

/** Somebody with an account, as operators see them. */
export const UserAccount = Type.Object({
  id: Uuid,
  name: Type.String(),
  email: Type.String(),
  isOperator: Type.Boolean(),
  isDisabled: Type.Boolean(),
  hasSecondFactor: Type.Boolean(),
  isEmailVerified: Type.Boolean({ description: 'They showed that they read mail there' }),
  pendingEmail: Nullable(Type.String({ description: 'The address that they ask for, and have not confirmed' })),
  picture: PictureVersion,
  workspaceCount: Type.Integer({ minimum: 0 }),
  sessionCount: Type.Integer({ minimum: 0, description: 'Browsers and programs that are signed in' }),
  createdAt: Instant,
  lastUsedAt: Nullable(Instant),
}, { $id: 'UserAccount' })
export type UserAccount = Static<typeof UserAccount>

export const UserListQuery = Type.Object({
  ...PageQuery,
  q: Type.Optional(Line(254)),
  only: Type.Optional(Literals('operators', 'disabled')),
}, { additionalProperties: false })
export type UserListQuery = Static<typeof UserListQuery>

export const UserPage = Page(Ref(UserAccount))
export type UserPage = Static<typeof UserPage>

export const UserChange = Body({
  disabled: Type.Optional(Type.Boolean({ description: 'Nobody signs in with it; its sessions and access tokens end at once' })),
  isOperator: Type.Optional(Type.Boolean()),
})
export type UserChange = Static<typeof UserChange>
export const UserParams = Type.Object({ userId: Uuid })

export const EndedSessions = Type.Object({
  endedSessions: Type.Integer({ minimum: 0 }),
}, { $id: 'EndedSessions' })

export const ResetLink = Type.Object({
  url: Type.String({ description: 'For the person alone; told this once' }),
  expiresAt: Instant,
}, { $id: 'ResetLink' })
export type ResetLink = Static<typeof ResetLink>
