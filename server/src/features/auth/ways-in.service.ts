import * as queries from './ways-in.queries.ts'

/** Whether a person can still sign in, by a password, a passkey or a provider: asked by whatever takes one of these away, when it has. */
export const hasWayIn = queries.hasWayIn
