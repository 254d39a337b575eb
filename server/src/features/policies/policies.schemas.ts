import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Instant, Language, Line, Literals, Nullable, Ref, Text, Uuid } from '../../http/schemas.ts'
import { policyKinds, versionStates } from './policies.policy.ts'
import { TEXT_LIMIT } from './policy-directives.ts'

export const PolicyKind = Literals(...policyKinds)
export type PolicyKind = Static<typeof PolicyKind>
const Acceptance = Type.Unsafe<'use' | 'explicit'>(Type.String({
  enum: ['use', 'explicit'],
  description: 'How people agree: by going on, or by saying so',
}))
const Day = Type.String({ format: 'date', description: 'A calendar day in the deployment’s time zone' })
const Slug = Type.String({ minLength: 2, maxLength: 64, pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$' })
const Markdown = Text(TEXT_LIMIT, 0)
const Path = Type.String({ description: 'Where it is read: an address of this server, without its origin' })
const LanguageTag = Type.String({ description: 'A language: two or three letters of BCP 47' })

/** Of one language. */
const PolicyTextHead = Type.Object({
  language: LanguageTag,
  title: Type.String(),
  summary: Type.String({ description: 'What changed' }),
  sha256: Type.String({ description: 'Of the Markdown in this language, in UTF-8' }),
})

export const PolicyVersionSummary = Type.Object({
  number: Type.Integer(),
  effectiveOn: Day,
  publishedAt: Instant,
  state: Literals(...versionStates),
  acceptAgain: Type.Boolean({ description: 'Whoever accepted an earlier version is asked again' }),
  texts: Type.Array(PolicyTextHead, { description: 'The languages that it was published in' }),
}, { $id: 'PolicyVersionSummary' })
export type PolicyVersionSummary = Static<typeof PolicyVersionSummary>

export const PolicyListing = Type.Object({
  kind: PolicyKind,
  slug: Type.String(),
  path: Path,
  title: Type.String(),
  language: LanguageTag,
  effectiveOn: Day,
}, { $id: 'PolicyListing' })
export type PolicyListing = Static<typeof PolicyListing>

const Place = Type.Object({
  fact: Type.String(),
  start: Type.Integer(),
  end: Type.Integer(),
})

/** What a published text says of this deployment and is so no more. */
export const PolicyDrift = Type.Object({
  fact: Type.String(),
  label: Type.String({ description: 'What it is about' }),
  form: Literals('inline', 'block'),
  then: Type.String({ description: 'As the text says it, in Markdown; of a block what differs' }),
  now: Nullable(Type.String({ description: 'As it is now; null: nobody says it any more' })),
  since: Instant,
}, { $id: 'PolicyDrift' })
export type PolicyDrift = Static<typeof PolicyDrift>

/** A published text, with what came before and what is announced. */
export const PublishedPolicy = Type.Object({
  kind: PolicyKind,
  slug: Type.String(),
  path: Path,
  workspaceName: Nullable(Type.String({ description: 'Of the workspace whose policy it is; null: it is the deployment’s' })),
  acceptance: Acceptance,
  number: Type.Integer({ description: 'Of the version that the text is of' }),
  language: LanguageTag,
  isWanted: Type.Boolean({ description: 'Whether it is one of the languages that were asked for' }),
  languages: Type.Array(Type.Object({
    language: LanguageTag,
    number: Type.Integer({ description: 'The newest version there is in it' }),
  })),
  newerIn: Nullable(Type.Object({
    number: Type.Integer(),
    language: LanguageTag,
  }, { description: 'The version in effect, when it is newer than this text, and a language that it is in' })),
  title: Type.String(),
  highlights: Type.Array(Type.Object({
    title: Type.String(),
    sentence: Type.String({ description: 'In Markdown' }),
    places: Type.Array(Place),
  })),
  markdown: Type.String(),
  places: Type.Array(Place, { description: 'Where in the Markdown each live fact stands, in UTF-16 code units' }),
  summary: Type.String(),
  effectiveOn: Day,
  publishedAt: Instant,
  sha256: Type.String(),
  drift: Type.Array(Ref(PolicyDrift), { description: 'What of the version in effect is so no more' }),
  upcoming: Nullable(Type.Object({
    number: Type.Integer(),
    effectiveOn: Day,
  }, { description: 'The next version to take effect, already readable at its number' })),
  current: Type.Boolean({ description: 'Whether this is the text in effect, in its language' }),
  versions: Type.Array(Type.Object(PolicyVersionSummary.properties)),
}, { $id: 'PublishedPolicy' })
export type PublishedPolicy = Static<typeof PublishedPolicy>

const Highlight = Type.Object({
  title: Type.String(),
  sentence: Type.String(),
})

/** What keeps a text from being published, and where it stands. */
const Missing = Type.Object({
  field: Literals('title', 'markdown', 'highlights'),
  line: Type.Integer({ description: 'From 1; of highlights, which of them' }),
  what: Literals('placeholder', 'open', 'unknown', 'block', 'too_long'),
  text: Type.String({ description: 'What is to be said, or the directive' }),
  directive: Nullable(Type.String({ description: 'As it stands in the line' })),
})

export const PolicyDraft = Type.Object({
  language: LanguageTag,
  title: Type.String(),
  markdown: Type.String({ description: 'With directives: {{name}} in a line, ::name as a line of its own' }),
  highlights: Type.Array(Highlight),
  publishedNumber: Nullable(Type.Integer({ description: 'The newest version in this language' })),
  hasUnpublishedChanges: Type.Boolean({ description: 'Whether readers would get another text: it was written, or a fact is another' }),
  changedFacts: Type.String({ description: 'In one line, what became of the facts since the newest version in this language: a summary to begin with' }),
  missing: Type.Array(Missing),
}, { $id: 'PolicyDraft' })
export type PolicyDraft = Static<typeof PolicyDraft>

export const Policy = Type.Object({
  id: Uuid,
  kind: PolicyKind,
  slug: Type.String(),
  path: Path,
  source: Type.Unsafe<'app' | 'file'>(Type.String({
    enum: ['app', 'file'],
    description: 'Where its text is written: here, or in the files of POLICIES_DIR',
  })),
  acceptance: Acceptance,
  title: Type.String({ description: 'Of the draft in the deployment’s language, or in the first there is' }),
  drafts: Type.Array(Type.Object(PolicyDraft.properties)),
  etag: Type.String(),
  updatedAt: Instant,
  withdrawnAt: Nullable(Instant),
  hasUnpublishedChanges: Type.Boolean(),
  currentNumber: Nullable(Type.Integer()),
  versions: Type.Array(Type.Object(PolicyVersionSummary.properties)),
  drift: Type.Array(Type.Object({
    ...PolicyDrift.properties,
    language: LanguageTag,
  }), { description: 'What the texts in effect say and is so no more' }),
  review: Type.Object({
    isRequired: Type.Boolean(),
    sha256: Type.String({ description: 'Of the drafts as they are: what an approval is of' }),
    isApproved: Type.Boolean(),
    approvedBy: Nullable(Type.String({ description: 'The name of who has approved the drafts as they are' })),
    approvedAt: Nullable(Instant),
    isOwn: Type.Boolean({ description: 'Whether you wrote in them last: then another has to approve' }),
  }),
  today: Day,
  timeZone: Type.String(),
}, { $id: 'Policy' })
export type Policy = Static<typeof Policy>

const Highlights = Type.Array(Body({
  title: Line(80),
  sentence: Line(300),
}), { maxItems: 3 })

export const PolicyInput = Body({
  kind: PolicyKind,
  slug: Slug,
  title: Line(200),
  language: Type.Optional(Language),
  markdown: Type.Optional(Markdown),
  highlights: Type.Optional(Highlights),
})
export type PolicyInput = Static<typeof PolicyInput>
const change = {
  /** Of which draft; one that is not there yet is begun. */
  language: Type.Optional(Language),
  title: Type.Optional(Line(200)),
  markdown: Type.Optional(Markdown),
  highlights: Type.Optional(Highlights),
  slug: Type.Optional(Slug),
}
export const PolicyChange = Body({
  ...change,
  acceptance: Type.Optional(Acceptance),
})
export type PolicyChange = Static<typeof PolicyChange>
const Summary = Line(1000)
const publication = {
  effectiveOn: Day,
  /** What changed, in each language that says nothing of its own. A first text has nothing to compare with: it may do without. */
  summary: Type.Optional(Summary),
  /** The languages that go with this version; without it, all. */
  texts: Type.Optional(Type.Array(Body({
    language: Language,
    summary: Type.Optional(Summary),
  }), { minItems: 1, maxItems: 100 })),
}
export const PolicyPublication = Body({
  ...publication,
  acceptAgain: Type.Optional(Type.Boolean()),
})
export type PolicyPublication = Static<typeof PolicyPublication>
/** People agree to a workspace's policies by going on: nothing asks them to say so. */
export const WorkspacePolicyChange = Body(change)
export const WorkspacePolicyPublication = Body(publication)
export const PolicyApproval = Body({
  sha256: Type.String({ maxLength: 64, pattern: '^[0-9a-f]{64}$' }),
})

export const PolicyPreviewInput = Body({
  language: Language,
  markdown: Markdown,
  highlights: Type.Optional(Highlights),
})
export type PolicyPreviewInput = Static<typeof PolicyPreviewInput>
export const PolicyPreview = Type.Object({
  markdown: Type.String(),
  places: Type.Array(Place),
  highlights: Type.Array(Type.Object({
    title: Type.String(),
    sentence: Type.String(),
    places: Type.Array(Place),
  })),
  missing: Type.Array(Missing),
}, { $id: 'PolicyPreview' })
export type PolicyPreview = Static<typeof PolicyPreview>

/** What the files of POLICIES_DIR came to. */
export const PolicyFiles = Type.Object({
  folder: Nullable(Type.String({ description: 'POLICIES_DIR; null: it is not set' })),
  readAt: Nullable(Instant),
  files: Type.Array(Type.Object({
    file: Type.String(),
    slug: Type.String(),
    language: LanguageTag,
  }), { description: 'Those that could be read; the policy is as they say unless a problem names one' }),
  problems: Type.Array(Type.Object({
    file: Type.String({ description: 'Its name in the folder; empty: the folder itself' }),
    line: Nullable(Type.Integer({ description: 'From 1' })),
    says: Type.String({ description: 'In English, what is wrong' }),
  }), { description: 'What was left out, and why' }),
}, { $id: 'PolicyFiles' })
export type PolicyFiles = Static<typeof PolicyFiles>

/** What a text may name. */
export const PolicyFact = Type.Object({
  name: Type.String(),
  form: Literals('inline', 'block'),
  label: Type.String(),
  words: Type.String({ description: 'As it is now, in Markdown; what is missing while nobody has said it' }),
  isOpen: Type.Boolean(),
}, { $id: 'PolicyFact' })
export type PolicyFact = Static<typeof PolicyFact>

export const InLanguage = Type.Object({
  language: Type.Optional(Language),
}, { additionalProperties: false })
export const PolicyParams = Type.Object({ policyId: Uuid })
export const PolicyDraftParams = Type.Object({ policyId: Uuid, language: Language })
export const WorkspacePolicyParams = Type.Object({ workspaceId: Uuid, policyId: Uuid })
export const WorkspacePolicyDraftParams = Type.Object({ workspaceId: Uuid, policyId: Uuid, language: Language })
export const PolicySlug = Type.Object({
  slug: Type.String({ maxLength: 64 }),
})
export const PolicyVersionParams = Type.Object({
  slug: Type.String({ maxLength: 64 }),
  number: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
})
/** What can be no address is refused before the workspace is looked for: else the answer would tell that there is one. */
const addressed = Type.String({ maxLength: 64, pattern: '^[a-z0-9-]+$' })
export const WorkspacePolicySlug = Type.Object({ workspaceSlug: addressed, slug: addressed })
export const WorkspacePolicyVersionParams = Type.Object({ ...PolicyVersionParams.properties, workspaceSlug: addressed, slug: addressed })
