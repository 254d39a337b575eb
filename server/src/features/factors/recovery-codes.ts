import { randomBytes } from 'node:crypto'
import { hashSecret } from '../../crypto/secrets.ts'

export const RECOVERY_CODES = 10

/** Without i, l, o and u, which are taken for others (Crockford’s Base32). */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const BYTES = 15

/** 120 random bits, as six groups of four. */
function newRecoveryCode(): string {
  const bits = [
    ...randomBytes(BYTES),
  ].map(byte => byte.toString(2).padStart(8, '0')).join('')
  const code = bits.match(/.{5}/g)!.map(five => ALPHABET[Number.parseInt(five, 2)]).join('')
  return code.match(/.{4}/g)!.join('-')
}

export const newRecoveryCodes = (): string[] => Array.from({ length: RECOVERY_CODES }, newRecoveryCode)

/** What the database keeps: one SHA-256 is enough for 120 random bits (ASVS 5.0, 6.5.2). However it was typed: blanks, dashes and case count for nothing. */
export const hashRecoveryCode = (code: string): Buffer => hashSecret(code
  .toLowerCase()
  .replaceAll('o', '0')
  .replaceAll(/[il]/g, '1')
  .replaceAll(/[^0-9a-z]/g, ''))
