import { createHmac, timingSafeEqual } from 'node:crypto'

/** Whom a token names, and which mails: those at once of a type, or the digests of a rhythm. */
export interface Unsubscribing { userId: string, kind: string }

const MAC_BYTES = 32
const ID_BYTES = 16

const macOf = (key: Buffer, named: Buffer) => createHmac('sha256', key).update(named).digest()

/** It ends mails of one kind for one person, for as long as the key stands, and opens nothing. */
export function unsubscribeToken(key: Buffer, { userId, kind }: Unsubscribing): string {
  const named = Buffer.concat([
    Buffer.from(userId.replaceAll('-', ''), 'hex'),
    Buffer.from(kind),
  ])
  return Buffer.concat([
    macOf(key, named),
    named,
  ]).toString('base64url')
}

/** Undefined for one that was not made with this key. */
export function readUnsubscribeToken(key: Buffer, token: string): Unsubscribing | undefined {
  const bytes = Buffer.from(token, 'base64url')
  // One way to write it.
  if (bytes.length <= MAC_BYTES + ID_BYTES || bytes.toString('base64url') !== token) return undefined
  const named = bytes.subarray(MAC_BYTES)
  if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(key, named))) return undefined
  const id = named.subarray(0, ID_BYTES).toString('hex')
  return {
    userId: id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    kind: named.subarray(ID_BYTES).toString(),
  }
}
