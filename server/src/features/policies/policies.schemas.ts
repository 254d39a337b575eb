import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Instant, Line, Literals, Nullable, Text, Uuid } from '../../http/schemas.ts'

export const PolicyKind = Literals('privacy', 'terms', 'cookies', 'acceptable-use', 'imprint', 'subprocessors', 'page')
const Day = Type.String({ format: 'date', description: 'A calendar day, UTC' })
const Slug = Type.String({ minLength: 2, maxLength: 64, pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$' })
const Markdown = Text(200_000, 0)

export const PolicyVersionSummary = Type.Object({
  number: Type.Integer(),
  title: Type.String(),
  summary: Type.String(),
  effectiveOn: Day,
  publishedAt: Instant,
  sha256: Type.String(),
}, { $id: 'PolicyVersionSummary' })
export type PolicyVersionSummary = Static<typeof PolicyVersionSummary>

export const PolicyListing = Type.Object({
  kind: PolicyKind,
  slug: Type.String(),
  title: Type.String(),
  effectiveOn: Day,
}, { $id: 'PolicyListing' })
export type PolicyListing = Static<typeof PolicyListing>

/** A published text, with what came before and what is announced. */
export const PublishedPolicy = Type.Object({
  kind: PolicyKind,
  slug: Type.String(),
  number: Type.Integer(),
  title: Type.String(),
  markdown: Type.String(),
  summary: Type.String(),
  effectiveOn: Day,
  publishedAt: Instant,
  sha256: Type.String(),
  upcoming: Nullable(Type.Object({
    number: Type.Integer(),
    effectiveOn: Day,
  }, { description: 'The next version to take effect, already readable at its number' })),
  current: Type.Boolean({ description: 'Whether this is the version in effect' }),
  versions: Type.Array(Type.Object(PolicyVersionSummary.properties)),
}, { $id: 'PublishedPolicy' })
export type PublishedPolicy = Static<typeof PublishedPolicy>

export const Policy = Type.Object({
  id: Uuid,
  kind: PolicyKind,
  slug: Type.String(),
  draftTitle: Type.String(),
  draftMarkdown: Type.String(),
  etag: Type.String(),
  updatedAt: Instant,
  withdrawnAt: Nullable(Instant),
  hasUnpublishedChanges: Type.Boolean(),
  currentNumber: Nullable(Type.Integer()),
  versions: Type.Array(Type.Object(PolicyVersionSummary.properties)),
}, { $id: 'Policy' })
export type Policy = Static<typeof Policy>

export const PolicyInput = Body({
  kind: PolicyKind,
  slug: Slug,
  title: Line(200),
  markdown: Type.Optional(Markdown),
})
export type PolicyInput = Static<typeof PolicyInput>
export const PolicyChange = Body({
  title: Type.Optional(Line(200)),
  markdown: Type.Optional(Markdown),
  slug: Type.Optional(Slug),
})
export type PolicyChange = Static<typeof PolicyChange>
export const PolicyPublication = Body({
  effectiveOn: Day,
  /** What changed. The first version has nothing to compare with: it may do without. */
  summary: Type.Optional(Line(1000)),
})
export type PolicyPublication = Static<typeof PolicyPublication>
export type PolicyKind = Static<typeof PolicyKind>
export const PolicyParams = Type.Object({ policyId: Uuid })
export const PolicySlug = Type.Object({
  slug: Type.String({ maxLength: 64 }),
})
export const PolicyVersionParams = Type.Object({
  slug: Type.String({ maxLength: 64 }),
  number: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
})
