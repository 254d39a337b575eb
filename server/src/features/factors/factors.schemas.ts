import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Instant, Literals, Nullable, Password } from '../../http/schemas.ts'

/** How somebody shows that they have their second factor. */
export const factorMethods = ['totp', 'recovery'] as const
export type FactorMethod = typeof factorMethods[number]

/** What is sent for the second factor. */
export const factorAnswer = {
  method: Literals(...factorMethods),
  code: Password(1, 64),
}
export interface FactorAnswer { method: FactorMethod, code: string }

/** One's own second factors. */
export const Factors = Type.Object({
  totp: Nullable(Type.Object({
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

export const TotpConfirmation = Body({ code: factorAnswer.code })

export const RecoveryCodes = Type.Object({
  recoveryCodes: Type.Array(Type.String(), { description: 'Told this once; each is good once' }),
}, { $id: 'RecoveryCodes' })
export type RecoveryCodes = Static<typeof RecoveryCodes>

export const FactorAdded = Type.Object({
  recoveryCodes: Nullable(Type.Array(Type.String(), { description: 'Told this once; each is good once. With the first second factor; null: one has some already' })),
}, { $id: 'FactorAdded' })
export type FactorAdded = Static<typeof FactorAdded>
