import { randomInt } from 'node:crypto'
import { hashSecret } from '../../crypto/secrets.ts'

/** How long one counts. */
export const EMAIL_CODE_SECONDS = 10 * 60
/** Of one code: more are not judged. */
export const CODE_ATTEMPTS = 5

/** Six digits, as a mail tells them. */
export const newCode = () => String(randomInt(1_000_000)).padStart(6, '0')

/**
 * What is kept of a code. Six digits are quickly tried out, so it is hashed together with a secret that whoever waits for it holds, and the database does not.
 * @param code as it was typed, with spaces or without
 */
export const hashCode = (code: string, secret: string, ...bound: string[]): Buffer => hashSecret([
  secret,
  code.replaceAll(/\s/g, ''),
  ...bound,
].join('\n'))
