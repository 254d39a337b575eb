import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** A new bearer secret: 256 random bits, base64url (43 characters). */
export const newSecret = () => randomBytes(32).toString('base64url')

/** What the database keeps of a bearer secret. The secret has full entropy, so one SHA-256 is enough to look it up by. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** AES-256-GCM (NIST SP 800-38D): nonce (12) ‖ tag (16) ‖ ciphertext. */
export function seal(key: Buffer, text: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const body = Buffer.concat([
    cipher.update(text, 'utf8'),
    cipher.final(),
  ])
  return Buffer.concat([
    nonce,
    cipher.getAuthTag(),
    body,
  ])
}

/** @throws when the ciphertext was changed or the key is another */
export function unseal(key: Buffer, sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
  decipher.setAuthTag(sealed.subarray(12, 28))
  return Buffer.concat([
    decipher.update(sealed.subarray(28)),
    decipher.final(),
  ]).toString('utf8')
}
