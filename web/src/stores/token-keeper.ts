import type { Problem } from '../api/generated/types.gen.ts'
import type { TokenSource } from '../api/http.ts'
import { problemFromResponse, toProblem } from '../api/problem.ts'

export interface AccessToken {
  accessToken: string
  /** Seconds. */
  expiresIn: number
}

/** By which of the server's limits a session came to its end. */
export type SessionLimit = NonNullable<Problem['sessionLimit']>

export interface TokenKeeperDeps {
  fetch: typeof globalThis.fetch
  /** `navigator.locks`; absent on plain http, where tabs rely on the server's grace for a rotated token. */
  locks?: Pick<LockManager, 'request'>
  now?: () => number
  refreshUrl?: string
  /** For how long nobody has used the page: what it does by itself keeps no session from its end. */
  restedSeconds?: () => number
  /** There is no session; it may have come to its end by itself. */
  onNone?: (limit?: SessionLimit) => void
  /** The session is over for the server. Resolves to true when the person signed in again (and `set` was called). */
  onExpired: () => Promise<boolean>
}

/** Renewed this long before it ends, so that no request meets the end on its way. */
const marginMs = 45_000

/**
 * Keeps the access token in memory and gets new ones through the refresh cookie: one refresh at a time in this tab, and by a Web Lock
 * across tabs, since each refresh rotates the cookie and a second use of the old one revokes the family.
 */
export function createTokenKeeper({ fetch, locks, now = Date.now, refreshUrl = '/api/v1/auth/refresh', restedSeconds = () => 0, onNone, onExpired }: TokenKeeperDeps) {
  let token: string | null = null
  let expiresAt = 0
  let active = false
  let refreshing: Promise<string | null> | null = null
  let reviving: Promise<boolean> | null = null
  /** Rises with every set and clear; a refresh that began before one must not undo it. */
  let generation = 0

  function set(next: AccessToken) {
    generation++
    token = next.accessToken
    expiresAt = now() + next.expiresIn * 1000
    active = true
  }

  function clear() {
    generation++
    token = null
    active = false
  }

  async function requestRefresh(): Promise<string | null> {
    const begun = generation
    const response = await fetch(`${refreshUrl}?restedSeconds=${restedSeconds()}`, { method: 'POST', credentials: 'same-origin' }).catch((error) => { throw toProblem(error) })
    const problem = response.ok
      ? undefined
      : await problemFromResponse(response)
    if (begun !== generation) return token
    if (problem) {
      if (problem.status !== 401 && problem.status !== 403) throw problem
      token = null
      onNone?.(problem.body.sessionLimit as SessionLimit | undefined)
      return null
    }
    const next = await response.json() as AccessToken
    if (begun === generation) set(next)
    return token
  }

  /** A new token, or null when the server knows no session. Throws ProblemError when it cannot be asked. */
  function refresh(): Promise<string | null> {
    refreshing ??= (locks
      ? locks.request('clientshare.refresh', requestRefresh) as Promise<string | null>
      : requestRefresh())
      .finally(() => { refreshing = null })
    return refreshing
  }

  /** Asks the person to sign in again, once for all callers that wait. */
  async function revive(): Promise<string | null> {
    reviving ??= onExpired().finally(() => { reviving = null })
    return await reviving
      ? token
      : null
  }

  const source: TokenSource = {
    async get() {
      if (!active) return null
      if (token && now() < expiresAt - marginMs) return token
      if (reviving) return revive()
      return await refresh() ?? revive()
    },
    async replace(refused) {
      if (!active) return null
      if (token && token !== refused) return token
      return await refresh() ?? revive()
    },
  }

  return {
    ...source,
    set,
    clear,
    /** At start: picks up a session from the cookie, without asking anyone. */
    async restore(): Promise<boolean> {
      return await refresh() !== null
    },
  }
}

export type TokenKeeper = ReturnType<typeof createTokenKeeper>
