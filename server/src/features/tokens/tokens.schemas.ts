import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Instant, Literals, Name, Nullable, Ref, Uuid } from '../../http/schemas.ts'
import { tokenScopes } from '../access/access.policy.ts'

const Scopes = Type.Array(Literals(...tokenScopes), {
  minItems: 1,
  maxItems: tokenScopes.length,
  uniqueItems: true,
  description: 'read: see and download files; write: upload, change and trash them; links: see, make, change and revoke links; admin: members, the workspace and its log. Never more than the person may',
})

const shown = {
  id: Uuid,
  name: Type.String(),
  scopes: Scopes,
  workspaceId: Nullable(Uuid),
  createdAt: Instant,
  expiresAt: Instant,
  lastUsedAt: Nullable(Type.String({ format: 'date-time', description: 'To some minutes' })),
  lastUsedIp: Nullable(Type.String()),
}

export const AccessToken = Type.Object(shown, { $id: 'AccessToken' })
export type AccessToken = Static<typeof AccessToken>

export const CreatedAccessToken = Type.Object({
  ...shown,
  token: Type.String({ description: 'Sent on as `Authorization: Bearer …`; told this once' }),
}, { $id: 'CreatedAccessToken' })
export type CreatedAccessToken = Static<typeof CreatedAccessToken>

export const DEFAULT_DAYS = 90
export const MOST_DAYS = 365

export const AccessTokenInput = Body({
  name: Name(80),
  scopes: Scopes,
  workspaceId: Type.Optional(Nullable(Type.String({ format: 'uuid', description: 'The only workspace that it reaches; without it, all of the person’s' }))),
  expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_DAYS, default: DEFAULT_DAYS })),
})
export type AccessTokenInput = Static<typeof AccessTokenInput>

export const AccessTokenList = Type.Object({
  items: Type.Array(Ref(AccessToken)),
})
export const AccessTokenParams = Type.Object({ tokenId: Uuid })
