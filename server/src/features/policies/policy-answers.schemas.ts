import type { Static } from 'typebox'
import { Type } from 'typebox'
import { factLanguages } from '../../facts/live-fact.ts'
import { Body, Email, Line, Literals, Name, Nullable, Text } from '../../http/schemas.ts'
import { PolicyKind } from './policies.schemas.ts'

/** The ten questions, in the order in which they are asked. */
export const policyQuestions = [
  'organisation',
  'address',
  'mode',
  'contact',
  'vendors',
  'analytics',
  'backups',
  'plans',
  'jurisdiction',
  'authority',
] as const

export const Language = Literals(...factLanguages)

const Vendor = Body({
  name: Line(120),
  purpose: Line(200),
  place: Line(120),
  data: Type.Optional(Line(300)),
  url: Type.Optional(Line(500)),
})
/** Somebody who processes data for whoever runs this. */
export type Vendor = Static<typeof Vendor>

const Backups = Body({
  days: Type.Integer({ minimum: 0, maximum: 3660, description: 'How long the oldest backup lives; 0: none are made' }),
  place: Line(200, 0),
})
export type BackupsAnswer = Static<typeof Backups>

const Plans = Body({
  processor: Nullable(Line(120)),
})
/** Without a processor of payments: nothing is sold. */
export type PlansAnswer = Static<typeof Plans>

const Contact = Body({
  by: Literals('address', 'form'),
  email: Type.Optional(Email),
})

/** What the operator can say. Null: not answered (again). */
export const PolicyAnswersInput = Body({
  organisation: Type.Optional(Name(200, 0)),
  address: Type.Optional(Text(1000, 0)),
  contact: Type.Optional(Nullable(Contact)),
  vendors: Type.Optional(Nullable(Type.Array(Vendor, { maxItems: 100 }))),
  backups: Type.Optional(Nullable(Backups)),
  plans: Type.Optional(Nullable(Plans)),
  jurisdiction: Type.Optional(Nullable(Line(300))),
  authority: Type.Optional(Nullable(Line(300))),
})
export type PolicyAnswersInput = Static<typeof PolicyAnswersInput>

const told = {
  organisation: Nullable(Type.String()),
  address: Nullable(Type.String()),
  mode: Literals('self-hosted', 'hosted'),
  contact: Nullable(Type.Object({
    by: Literals('address', 'form'),
    email: Type.Optional(Type.String()),
  })),
  vendors: Nullable(Type.Array(Type.Object({
    name: Type.String(),
    purpose: Type.String(),
    place: Type.String(),
    data: Type.Optional(Type.String()),
    url: Type.Optional(Type.String()),
  }), { description: 'An empty list: there are none' })),
  analytics: Type.Union([
    Literals('off'),
    Type.Object({
      tool: Type.String(),
      host: Type.String(),
    }),
  ]),
  backups: Nullable(Type.Object({
    days: Type.Integer(),
    place: Type.String(),
  })),
  plans: Nullable(Type.Object({
    processor: Nullable(Type.String({ description: 'Null: nothing is sold here' })),
  })),
  jurisdiction: Nullable(Type.String()),
  authority: Nullable(Type.String()),
}
const Answers = Type.Object(told)
/** As they hold now: what was answered, and what the server knows by itself. */
export type PolicyAnswers = Static<typeof Answers>

export const PolicyFacts = Type.Object({
  answers: Answers,
  questions: Type.Array(Type.Object({
    name: Literals(...policyQuestions),
    state: Literals('open', 'answered', 'known'),
    source: Literals('instance', 'answers', 'DEPLOYMENT', 'BACKUP_TO', 'ANALYTICS'),
  }), { description: 'All ten, in their order. `known`: the server knows it by itself, from there; it need not be answered' }),
  open: Type.Array(Literals(...policyQuestions), { description: 'Those that nobody has answered; texts that need them cannot be published' }),
  known: Type.Array(Type.Object({
    name: Type.String({ description: 'As a text names it' }),
    label: Type.String(),
    words: Nullable(Type.String({ description: 'Markdown, as a text says it; null of what is a table' })),
    count: Nullable(Type.Integer({ description: 'How many rows, of a table' })),
  }), { description: 'What texts name besides, read from this server' }),
}, { $id: 'PolicyFacts' })
export type PolicyFacts = Static<typeof PolicyFacts>

/** The language of what is put into words; English unless asked otherwise. */
export const FactsQuery = Type.Object({
  language: Type.Optional(Language),
}, { additionalProperties: false })

export const StarterQuery = Type.Object({
  kind: PolicyKind,
  language: Type.Optional(Language),
}, { additionalProperties: false })

export const PolicyStarter = Type.Object({
  title: Type.String(),
  highlights: Type.Array(Type.Object({
    title: Type.String(),
    sentence: Type.String(),
  })),
  markdown: Type.String({ description: 'As it would be now: facts of this deployment in the place of their directives' }),
  source: Type.String({ description: 'With its directives, as a draft begins' }),
}, { $id: 'PolicyStarter' })
export type PolicyStarter = Static<typeof PolicyStarter>
