import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Bytes, Instant, Literals, Name, Nullable, Uuid } from '../../http/schemas.ts'
import { factorAskedOf, itemActions, workspaceActions, workspaceRoles } from '../access/access.policy.ts'

/** Lower-case letters, digits, single hyphens inside; never a word that an address of the app uses. */
export const Slug = Type.String({ minLength: 2, maxLength: 48, pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$' })

export const WorkspaceInput = Body({
  name: Name(120),
  slug: Slug,
})
export type WorkspaceInput = Static<typeof WorkspaceInput>
export const WorkspaceChange = Body({
  name: Type.Optional(Name(120)),
})
export type WorkspaceChange = Static<typeof WorkspaceChange>

const secondFactor = {
  askedOf: Literals(...factorAskedOf),
  graceDays: Type.Integer({ minimum: 0, maximum: 30, description: 'For which they get on without, counted from when it was decided, or from when they came' }),
}
export const SecondFactorInput = Body(secondFactor)
export type SecondFactorInput = Static<typeof SecondFactorInput>

/** Whole bytes, as far as numbers are exact. */
export const QuotaInput = Body({
  quotaBytes: Nullable(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Null: as much as there is room for' })),
})

export const Workspace = Type.Object({
  id: Uuid,
  name: Type.String(),
  slug: Type.String(),
  usedBytes: Bytes,
  quotaBytes: Nullable(Bytes),
  secondFactor: Type.Object(secondFactor),
  createdAt: Instant,
  role: Literals(...workspaceRoles),
  permissions: Type.Array(Literals(...workspaceActions)),
}, { $id: 'Workspace' })
export type Workspace = Static<typeof Workspace>

export const Space = Type.Object({
  id: Uuid,
  kind: Literals('team', 'client'),
  name: Type.String(),
  rootFolderId: Uuid,
  createdAt: Instant,
  permissions: Type.Array(Literals(...itemActions)),
}, { $id: 'Space' })
export type Space = Static<typeof Space>
