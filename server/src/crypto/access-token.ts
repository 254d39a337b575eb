import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const PREFIX = 'cs_pat_'
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** As many digits as 256 bits need, and as a CRC-32 does. */
const SECRET_DIGITS = 43
const CHECKSUM_DIGITS = 6

const WRITTEN = new RegExp(`${PREFIX}[0-9A-Za-z]{${SECRET_DIGITS + CHECKSUM_DIGITS}}`, 'g')

function base62(value: bigint, digits: number): string {
  let text = ''
  for (let left = value; text.length < digits; left /= 62n) text = DIGITS[Number(left % 62n)]! + text
  return text
}

const checksumOf = (secret: string) => base62(BigInt(crc32(secret)), CHECKSUM_DIGITS)

/** Programs that look for secrets in what was published find it by its prefix, and by its checksum tell it from what only looks alike. */
export function newAccessToken(): string {
  const secret = base62(BigInt(`0x${randomBytes(32).toString('hex')}`), SECRET_DIGITS)
  return PREFIX + secret + checksumOf(secret)
}

/** Whether a bearer is meant as a personal access token at all. */
export const looksLikeAccessToken = (bearer: string) => bearer.startsWith(PREFIX)

/** Whether it can be one: nothing else needs to be looked up. */
export function isAccessToken(bearer: string): boolean {
  const secret = bearer.slice(PREFIX.length, -CHECKSUM_DIGITS)
  return bearer.length === PREFIX.length + SECRET_DIGITS + CHECKSUM_DIGITS && bearer === PREFIX + secret + checksumOf(secret)
}

/** Text without the access tokens that stand in it. */
export const maskAccessTokens = (text: string) => text.replace(WRITTEN, `${PREFIX}***`)
