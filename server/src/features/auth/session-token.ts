import { createHmac, timingSafeEqual } from 'node:crypto'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'

/**
 * A refresh token: the session's id and 256 secret bits. The id stays the same through all rotations, so that a token from before the
 * last one is still known to be of this family, and its use a sign of theft.
 */
export const newSessionToken = (sessionId: string) => `${sessionId}.${newSecret()}`

/**
 * The token that follows. Made from the one before under the instance's key: a browser that lost the answer, or another tab, asks again
 * with the old one and gets the very same new one, although only hashes are kept. Nobody without the key can make it.
 */
export function nextSessionToken(key: Buffer, token: string): string {
  return `${sessionIdOf(token)}.${createHmac('sha256', key).update(token).digest('base64url')}`
}

export function sessionIdOf(token: string): string | undefined {
  return /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[\w-]{43}$/.exec(token)?.[1]
}

export function isTokenOf(hash: Buffer | null, token: string): boolean {
  return hash !== null && timingSafeEqual(hash, hashSecret(token))
}
