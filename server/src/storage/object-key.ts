const SEGMENTS = /^[\w-]+(?:\/[\w-]+)*$/

/** Longest key in characters: leaves room for a staging suffix in a file name of 255 bytes. */
const MAX_KEY_LENGTH = 160

export function isObjectKey(key: string): boolean {
  return key.length <= MAX_KEY_LENGTH && SEGMENTS.test(key)
}

/**
 * Refuses what is no key: segments of `[A-Za-z0-9_-]`, separated by single slashes; so no `..`, no empty segment, no client text.
 * @throws TypeError, for only a bug in the server can cause it
 */
export function assertObjectKey(key: string): void {
  if (typeof key !== 'string' || !isObjectKey(key))
    throw new TypeError(`not an object key: ${JSON.stringify(key)}`)
}

/** Where a store says whose it is (`features/identity`). */
export const IDENTITY_KEY = 'identity'

/** Of what the server writes for itself: probes of a store, the markers of a move and of a restore, the store's identity. No row of an object knows it. */
export function isOwnKey(key: string): boolean {
  return key === IDENTITY_KEY || /^(?:probe|moves|restores)(?:[/-]|$)/.test(key)
}
