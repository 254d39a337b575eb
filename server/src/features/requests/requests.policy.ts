/** What one source may send. */
export const REQUEST_LIMIT = { count: 5, windowSeconds: 3600 } as const
