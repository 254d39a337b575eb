import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Instant, Literals, Name, Nullable, Password, Uuid } from '../../http/schemas.ts'

/** How somebody shows that they have their second factor. */
export const factorMethods = ['passkey', 'totp', 'recovery'] as const
export type FactorMethod = typeof factorMethods[number]

/** In a sign-in, also by a code that is mailed for it: for a client's contact who has nothing else, where their workspace asks for it. */
export const signInMethods = [...factorMethods, 'email'] as const
export type SignInMethod = typeof signInMethods[number]

/** What is sent for the second factor. */
const Base64Url = Type.String({ maxLength: 8192, pattern: '^[A-Za-z0-9_-]+$' })
const credential = {
  id: Base64Url,
  rawId: Base64Url,
  type: Type.Literal('public-key'),
  authenticatorAttachment: Type.Optional(Literals('cross-platform', 'platform')),
  clientExtensionResults: Type.Object({}, { additionalProperties: true }),
}
/** What `navigator.credentials.get` answered, as JSON (WebAuthn level 3). */
export const PasskeyAssertion = Type.Object({
  ...credential,
  response: Type.Object({
    clientDataJSON: Base64Url,
    authenticatorData: Base64Url,
    signature: Base64Url,
    userHandle: Type.Optional(Base64Url),
  }),
})
/** What `navigator.credentials.create` answered, as JSON. */
export const PasskeyRegistration = Type.Object({
  ...credential,
  response: Type.Object({
    clientDataJSON: Base64Url,
    attestationObject: Base64Url,
    authenticatorData: Type.Optional(Base64Url),
    transports: Type.Optional(Type.Array(Type.String({ maxLength: 32, pattern: '^[a-z-]+$' }), { maxItems: 10 })),
    publicKeyAlgorithm: Type.Optional(Type.Integer()),
    publicKey: Type.Optional(Base64Url),
  }),
})
/** Of WebAuthn, for the browser. */
export const PasskeyOptions = Type.Unsafe<object>(Type.Object({}, { additionalProperties: true, description: 'For navigator.credentials, as JSON (WebAuthn level 3)' }))

export const factorAnswer = {
  method: Literals(...factorMethods),
  code: Type.Optional(Password(1, 64)),
  response: Type.Optional(PasskeyAssertion),
}
export interface FactorAnswer {
  method: SignInMethod
  code?: string
  response?: Static<typeof PasskeyAssertion>
  /** Whether this is the code that was mailed, of a sign-in for which one was. */
  isMailed?: (code: string) => boolean
  /** Nothing else was shown: a passkey has to verify who holds it. */
  isAlone?: boolean
}

/** How one can show one's second factor. */
export const factorQuestion = {
  methods: Type.Array(Literals(...factorMethods)),
  passkey: Type.Optional(PasskeyOptions),
}
export interface FactorQuestion<Method = FactorMethod> { methods: Method[], passkey?: object }

/** One's own second factors. */
export const Factors = Type.Object({
  totp: Nullable(Type.Object({
    createdAt: Instant,
    lastUsedAt: Nullable(Instant),
  })),
  passkeys: Type.Array(Type.Object({
    id: Uuid,
    name: Type.String(),
    isBackedUp: Type.Boolean({ description: 'It lives on when its device is lost' }),
    createdAt: Instant,
    lastUsedAt: Nullable(Instant),
  })),
  recoveryCodes: Nullable(Type.Object({
    createdAt: Instant,
    left: Type.Integer({ minimum: 0, description: 'Not used yet' }),
    usedAt: Type.Array(Instant, { description: 'When the others were, the last first' }),
  })),
}, { $id: 'Factors', description: 'With a null for what one has not' })
export type Factors = Static<typeof Factors>

export const NewTotp = Type.Object({
  secret: Type.String({ description: 'Base32, for typing into an authenticator app' }),
  uri: Type.String({ description: 'The same as otpauth: address, for a QR code' }),
}, { $id: 'NewTotp', description: 'Counts from when a code of it has been confirmed' })
export type NewTotp = Static<typeof NewTotp>

export const TotpConfirmation = Body({
  code: Password(1, 64),
})

export const PasskeyInput = Body({
  name: Name(60),
  response: PasskeyRegistration,
})
export type PasskeyInput = Static<typeof PasskeyInput>
export const PasskeyChange = Body({
  name: Name(60),
})
export type PasskeyChange = Static<typeof PasskeyChange>
export const PasskeyParams = Type.Object({ passkeyId: Uuid })

export const RecoveryCodes = Type.Object({
  recoveryCodes: Type.Array(Type.String(), { description: 'Told this once; each is good once' }),
}, { $id: 'RecoveryCodes' })
export type RecoveryCodes = Static<typeof RecoveryCodes>

export const FactorAdded = Type.Object({
  recoveryCodes: Nullable(Type.Array(Type.String(), { description: 'Told this once; each is good once. With the first second factor; null: one has some already' })),
}, { $id: 'FactorAdded' })
export type FactorAdded = Static<typeof FactorAdded>
