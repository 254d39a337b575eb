import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Email, Language, Line, Literals, Name, Nullable, Password, Text } from '../../http/schemas.ts'
import { mailLanguages } from '../../mail/define-mail.ts'
import { registrationModes } from '../auth/registration.policy.ts'
import { SESSION_IDLE_MINUTES, SESSION_TOTAL_MINUTES } from '../sessions/sessions.policy.ts'

export const SetupState = Type.Object({
  required: Type.Boolean(),
}, { $id: 'SetupState' })

export const SetupTokenInput = Body({
  token: Line(1024),
})

export const SetupInput = Body({
  token: Line(1024),
  name: Name(120),
  email: Email,
  password: Password(12, 128),
  instanceName: Name(120),
  locale: Type.Optional(Literals(...mailLanguages)),
})
export type SetupInput = Static<typeof SetupInput>

export const PublicInstance = Type.Object({
  name: Type.String(),
  organisation: Type.String(),
  contactEmail: Type.String(),
  publicUrl: Type.String(),
  canMail: Type.Boolean({ description: 'Whether it sends mail; without, links are handed on by people' }),
  registration: Type.Object({
    mode: Literals(...registrationModes),
    domains: Type.Array(Type.String(), { description: 'With `domain`: those whose addresses may' }),
    isOpen: Type.Boolean({ description: 'Whether people make accounts by themselves here, which needs mail' }),
  }),
  hasHome: Type.Boolean({ description: 'Whether people without a session get a home page at /' }),
  trashDays: Nullable(Type.Integer({ description: 'What is in the trash for so long is deleted for ever; null: nothing is by its age' })),
  hasProviders: Type.Boolean({ description: 'Whether people sign in by the word of others: GET /auth/oidc names them' }),
  analytics: Nullable(Type.Object({
    tool: Literals('plausible', 'matomo', 'umami'),
    address: Type.String({ description: 'Where pages for everybody tell of a visit' }),
    site: Type.String({ description: 'What this deployment is called there' }),
  }, { description: 'Null: nobody counts visits, or whoever asks does not want to be counted (DNT, Sec-GPC)' })),
  version: Type.String(),
  commit: Type.Optional(Type.String({ description: 'Of the sources, where it is known; for whoever is signed in' })),
}, { $id: 'PublicInstance' })

export const InstanceSettings = Type.Object({
  name: Type.String(),
  organisation: Type.String({ description: 'Who is responsible for this deployment, as the policy pages name them' }),
  contactEmail: Type.String(),
  postalAddress: Type.String(),
  publicUrl: Type.String(),
  registration: Literals(...registrationModes),
  registrationDomains: Type.Array(Type.String()),
  operatorsNeedFactor: Type.Boolean({ description: 'Operators without a second factor get 403 auth.second_factor_required where only operators may' }),
  sessionIdleMinutes: Type.Integer({ description: 'A session ends when it was not used for so long' }),
  sessionTotalMinutes: Nullable(Type.Integer({ description: 'A session ends so long after its sign-in, used or not; null: it does not' })),
  timeZone: Type.String({ description: 'By which the days of policies begin: a name of IANA’s' }),
  policyLanguage: Type.String({ description: 'In which policies are written first, and shown to whom they have no better language for' }),
  policyReview: Type.Boolean({ description: 'A policy is published once another operator than its writer has approved it' }),
}, { $id: 'InstanceSettings' })
export type InstanceSettings = Static<typeof InstanceSettings>

export const InstanceChange = Body({
  name: Type.Optional(Name(120)),
  organisation: Type.Optional(Name(200, 0)),
  contactEmail: Type.Optional(Type.Union([
    Email,
    Type.Literal(''),
  ])),
  postalAddress: Type.Optional(Text(1000, 0)),
  registration: Type.Optional(Literals(...registrationModes)),
  registrationDomains: Type.Optional(Type.Array(Line(253), { maxItems: 100 })),
  operatorsNeedFactor: Type.Optional(Type.Boolean()),
  sessionIdleMinutes: Type.Optional(Type.Integer(SESSION_IDLE_MINUTES)),
  sessionTotalMinutes: Type.Optional(Nullable(Type.Integer(SESSION_TOTAL_MINUTES))),
  timeZone: Type.Optional(Line(64)),
  policyLanguage: Type.Optional(Language),
  policyReview: Type.Optional(Type.Boolean()),
})
export type InstanceChange = Static<typeof InstanceChange>
