import type { Static } from 'typebox'
import type { SessionLimit } from '../sessions/sessions.policy.ts'
import { Type } from 'typebox'
import { Body, Instant, Line, Literals, Name, Nullable, Password, Ref, Uuid } from '../../http/schemas.ts'
import { mailLanguages } from '../../mail/define-mail.ts'
import { PendingPolicy } from '../acceptances/acceptances.schemas.ts'
import { workspaceRoles } from '../access/access.policy.ts'
import { factorAnswer, factorQuestion, PasskeyAssertion, signInMethods } from '../factors/factors.schemas.ts'
import { PictureVersion, User } from '../users/users.schemas.ts'

export const LoginInput = Body({
  email: Line(254),
  password: Password(),
})
export type LoginInput = Static<typeof LoginInput>

const pendingPolicies = Type.Array(Ref(PendingPolicy), { description: 'With one of them, all but reading, agreeing, asking for help and signing out answers 403 policy.acceptance_required' })

export const SignedInAnswer = Type.Object({
  accessToken: Type.String(),
  expiresIn: Type.Integer({ description: 'Seconds' }),
  user: Ref(User),
  pendingPolicies,
}, { $id: 'SignedInAnswer' })

export const RefreshQuery = Type.Object({
  restedSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31, description: 'For how long nobody has used the page that asks by itself: the session goes on to end by its limit' })),
})

/** In place of a session, for somebody with a second factor. */
export const SecondStep = Type.Object({
  mfaRequired: Type.Literal(true),
  mfaToken: Type.String({ description: 'For POST /auth/mfa, within ten minutes; opens nothing by itself' }),
  ...factorQuestion,
  methods: Type.Array(Literals(...signInMethods), { description: '`email`: a code was mailed, which counts with this mfaToken' }),
}, { $id: 'SecondStep' })
export type SecondStep = Static<typeof SecondStep>

export const LoginAnswer = Type.Union([
  Ref(SignedInAnswer),
  Ref(SecondStep),
])

export const EmailCodeInput = Body({
  email: Line(254),
  code: Password(1, 64),
})
export type EmailCodeInput = Static<typeof EmailCodeInput>

export const PasskeyLogin = Body({ response: PasskeyAssertion })
export type PasskeyLogin = Static<typeof PasskeyLogin>

export const MfaInput = Body({
  mfaToken: Type.String({ maxLength: 100, pattern: '^[A-Za-z0-9_-]+$' }),
  ...factorAnswer,
  method: Literals(...signInMethods),
})
export type MfaInput = Static<typeof MfaInput>

/** All that a sign-in asks for: the password, and the second factor of whoever has one; or a passkey that verifies who holds it. */
export const StepUpInput = Body({
  ...factorAnswer,
  password: Type.Optional(Password()),
  method: Type.Optional(factorAnswer.method),
})
export type StepUpInput = Static<typeof StepUpInput>

export const StepUpOptions = Type.Object({
  ...factorQuestion,
  hasPassword: Type.Boolean({ description: 'Otherwise the person comes in by a provider, and shows there again who they are' }),
}, { $id: 'StepUpOptions', description: 'The password, and one of the methods if there are some; a passkey that verifies who holds it needs no password' })

export const Me = Type.Object({
  id: Uuid,
  name: Type.String(),
  email: Type.String(),
  isOperator: Type.Boolean(),
  hasSecondFactor: Type.Boolean(),
  isEmailVerified: Type.Boolean({ description: 'They showed that they read mail there' }),
  hasPassword: Type.Boolean({ description: 'Without, they sign in by a passkey, a provider or mailed codes' }),
  locale: Type.Union([
    Type.String(),
    Type.Null(),
  ]),
  timeZone: Nullable(Type.String({ description: 'IANA’s name' })),
  picture: PictureVersion,
  memberships: Type.Array(Type.Object({
    workspaceId: Uuid,
    slug: Type.String(),
    name: Type.String(),
    role: Literals(...workspaceRoles),
    shutsAt: Nullable(Instant),
  }), { description: '`shutsAt`: without a second factor the workspace answers 403 auth.second_factor_required from then on; null: none is asked, or there is one' }),
  lacksFactor: Type.Boolean({ description: 'An operator who is asked for a second factor and has none: what operators do answers 403 auth.second_factor_required' }),
  pendingPolicies,
}, { $id: 'Me' })
export type Me = Static<typeof Me>
/** Without what is in the words that the request asks for. */
export type MyAccount = Omit<Me, 'pendingPolicies'>

export const MeChange = Body({
  name: Type.Optional(Name(120)),
  locale: Type.Optional(Type.Union([
    Literals('en', 'de'),
    Type.Null(),
  ])),
  timeZone: Type.Optional(Line(64)),
})
export type MeChange = Static<typeof MeChange>

export const PasswordChange = Body({
  currentPassword: Password(),
  newPassword: Password(),
})
export type PasswordChange = Static<typeof PasswordChange>

/** A browser or program that is signed in. */
export const Session = Type.Object({
  id: Uuid,
  isCurrent: Type.Boolean({ description: 'The one that asks' }),
  createdAt: Instant,
  lastUsedAt: Instant,
  endsAt: Instant,
  endsBy: Type.Unsafe<SessionLimit['kind']>(Type.String({
    enum: ['idle', 'total'],
    description: '`idle`: if it is not used before',
  })),
  ip: Nullable(Type.String()),
  userAgent: Nullable(Type.String()),
}, { $id: 'Session' })
export type Session = Static<typeof Session>

export const SessionList = Type.Object({
  items: Type.Array(Ref(Session)),
})
export const SessionParams = Type.Object({ sessionId: Uuid })

export const ResetParams = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 100 }),
})
export const ResetAsked = Body({
  email: Line(254),
  language: Type.Optional(Literals(...mailLanguages)),
})
export const ResetInput = Body({
  password: Password(),
})
export const ResetFor = Type.Object({
  name: Type.String(),
  email: Type.String(),
}, { $id: 'ResetFor', description: 'Whose password the link sets' })
