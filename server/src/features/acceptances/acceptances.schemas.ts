import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Instant, Line, Literals, Nullable, PageQuery, Uuid } from '../../http/schemas.ts'
import { acceptancePlaces } from './acceptances.policy.ts'

/** What somebody has to agree to before they go on. */
export const PendingPolicy = Type.Object({
  slug: Type.String(),
  number: Type.Integer({ description: 'Of the version that the text is of' }),
  title: Type.String(),
  language: Type.String(),
  sha256: Type.String(),
  effectiveOn: Type.String({ format: 'date' }),
  acceptedNumber: Nullable(Type.Integer({ description: 'The last version that they agreed to' })),
  summary: Type.String({ description: 'What changed, for somebody who agreed to an earlier version; else empty' }),
}, { $id: 'PendingPolicy' })
export type PendingPolicy = Static<typeof PendingPolicy>

/** Of what was shown. */
const shownText = {
  slug: Line(64),
  number: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
  language: Type.String({ maxLength: 3, pattern: '^[a-z]{2,3}$' }),
  sha256: Type.String({ maxLength: 64, pattern: '^[0-9a-f]{64}$' }),
}
export const AcceptanceInput = Body(shownText)
export type AcceptanceInput = Static<typeof AcceptanceInput>
/** Of those that `GET /public/pending-policies` names, with whatever somebody without an account sends. */
export const Acceptances = Type.Array(AcceptanceInput, { maxItems: 50, description: 'To what they agree, of what GET /public/pending-policies names' })
export const PendingQuery = Type.Object({
  language: Type.Optional(Type.String({ maxLength: 3, pattern: '^[a-z]{2,3}$' })),
}, { additionalProperties: false })

const accepted = {
  id: Uuid,
  number: Type.Integer(),
  language: Type.String(),
  sha256: Type.String(),
  title: Type.String({ description: 'As the text had it' }),
  place: Literals(...acceptancePlaces),
  acceptedAt: Instant,
}
export const OwnAcceptance = Type.Object({
  ...accepted,
  slug: Type.String({ description: 'The text stays at /policies/{slug}/versions/{number}' }),
}, { $id: 'OwnAcceptance' })
export type OwnAcceptance = Static<typeof OwnAcceptance>

export const PolicyAcceptance = Type.Object({
  ...accepted,
  person: Nullable(Type.Object({
    id: Uuid,
    name: Type.String(),
  })),
  email: Type.String({ description: 'Of the account as it is now, or the one that was given' }),
  ip: Nullable(Type.String()),
}, { $id: 'PolicyAcceptance' })
export type PolicyAcceptance = Static<typeof PolicyAcceptance>

export const AcceptanceQuery = Type.Object({
  ...PageQuery,
  q: Type.Optional(Line(200)),
}, { additionalProperties: false })

export const PolicyAcceptancePage = Type.Object({
  items: Type.Array(Type.Unsafe<PolicyAcceptance>(Type.Ref('PolicyAcceptance'))),
  nextCursor: Nullable(Type.String()),
  asked: Type.Integer({ description: 'How many people have an account' }),
  agreed: Type.Integer({ description: 'How many of them have agreed to what is in effect, and are not asked again' }),
}, { $id: 'PolicyAcceptancePage' })
