/** How long requests are kept once handled, in days. The privacy policy's starter text says the same. New ones wait until somebody handles them. */
export const KEPT_DAYS = { answered: 180, spam: 30 } as const

/** What one source may send. */
export const REQUEST_LIMIT = { count: 5, windowSeconds: 3600 } as const
