/** How long one waits for the confirmation of its address, in days. */
export const UNCONFIRMED_DAYS = 7

/** What one source may send with a proof of work and without one, and all of them together; and how often one address is written to for it. */
export const REQUEST_LIMITS = {
  source: { count: 5, windowSeconds: 3600 },
  everybody: { count: 300, windowSeconds: 3600 },
  sourceWithoutProof: { count: 2, windowSeconds: 3600 },
  everybodyWithoutProof: { count: 60, windowSeconds: 3600 },
  address: { count: 10, windowSeconds: 3600 },
} as const

/** Of further messages, to one request. */
export const MESSAGE_LIMIT = { count: 20, windowSeconds: 3600 } as const

/** Hashes that a browser makes for a request: half of them on average, in a second or so on a telephone. */
export const PROOF_HASHES = 100_000
export const PROOF_MINUTES = 30

/** What the law gives for a privacy request, and once more when it is difficult (GDPR, article 12(3)). */
export const PRIVACY_DAYS = 30
export const PRIVACY_EXTENSION_DAYS = 60

export const requestKinds = [
  'access',
  'onboarding',
  'question',
  'support',
  'privacy',
] as const
export const privacyRights = [
  'access',
  'correction',
  'export',
  'deletion',
  'objection',
] as const
/** `approved` is what an approval makes, and nobody else. */
export const requestStates = [
  'new',
  'in_progress',
  'answered',
  'approved',
  'declined',
  'spam',
] as const
export type RequestState = typeof requestStates[number]

export const isHandled = (state: RequestState) => state !== 'new' && state !== 'in_progress'
/** Of those that ask to come in. */
export const mayBeApproved = (kind: typeof requestKinds[number]) => kind === 'access' || kind === 'onboarding'

/** Crockford's letters: no I, L, O or U, which are read as others. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** @param bytes eight of them, by chance */
export function referenceOf(bytes: Uint8Array): string {
  const letters = Array.from(bytes, byte => LETTERS[byte % LETTERS.length]).join('')
  return `R-${letters.slice(0, 4)}-${letters.slice(4, 8)}`
}
