import { generateSecret, generateURI, verifySync } from 'otplib'

/** Of a code; one before and one after are taken too, for clocks that go wrong. */
const PERIOD_SECONDS = 30

/** 160 random bits in Base32, as authenticator apps take them (RFC 6238 with SHA-1, six digits, 30 s: what all of them can). */
export const newTotpSecret = (): string => generateSecret()

/** What a QR code hands to an authenticator app. */
export function totpUri({ issuer, email, secret }: { issuer: string, email: string, secret: string }): string {
  // A colon parts issuer and account.
  return generateURI({
    issuer: issuer.replaceAll(':', ' '),
    label: email,
    secret,
  })
}

/** The time step that a code is of, undefined where it is wrong. Blanks count for nothing: apps show “123 456”. */
export function totpStepOf(secret: string, code: string, at: Date): number | undefined {
  const token = code.replaceAll(/[\s-]/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const result = verifySync({
    secret,
    token,
    epoch: at.getTime() / 1000,
    epochTolerance: PERIOD_SECONDS,
  })
  return result.valid && 'timeStep' in result
    ? result.timeStep
    : undefined
}
