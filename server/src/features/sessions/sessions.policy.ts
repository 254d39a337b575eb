import { ACCESS_TOKEN_SECONDS } from '../../http/tokens.ts'

/** How long sessions last: settings of the instance, in minutes. */
export interface SessionLimits {
  /** Without use. */
  sessionIdleMinutes: number
  /** From the sign-in on, used or not; null: without end. */
  sessionTotalMinutes: number | null
}

/** Which of the limits ends a session, and how long it is. */
export interface SessionLimit { kind: 'idle' | 'total', minutes: number }

const DAY_MINUTES = 1440
export const SESSION_IDLE_MINUTES = { minimum: 15, maximum: 90 * DAY_MINUTES }
export const SESSION_TOTAL_MINUTES = { minimum: 60, maximum: 365 * DAY_MINUTES }
export const DEFAULT_SESSION_LIMITS: SessionLimits = { sessionIdleMinutes: 30 * DAY_MINUTES, sessionTotalMinutes: null }

/** For so long after its end a session's cookie and row are kept, so that whoever comes back is told why they have to sign in. */
export const ENDED_SESSION_DAYS = 7

const after = (at: Date, minutes: number) => new Date(at.getTime() + minutes * 60_000)

/** When a session ends that is not used from `lastUsedAt` on, and by which limit. */
export function endOfSession({ createdAt, lastUsedAt }: { createdAt: Date, lastUsedAt: Date }, { sessionIdleMinutes, sessionTotalMinutes }: SessionLimits): { at: Date, by: SessionLimit } {
  const idle = {
    at: after(lastUsedAt, sessionIdleMinutes),
    by: { kind: 'idle' as const, minutes: sessionIdleMinutes },
  }
  if (sessionTotalMinutes === null) return idle
  const total = {
    at: after(createdAt, sessionTotalMinutes),
    by: { kind: 'total' as const, minutes: sessionTotalMinutes },
  }
  return total.at < idle.at
    ? total
    : idle
}

/**
 * How long an access token lasts, in seconds. What is done with it is not noted, only when it is renewed: so it is renewed often enough that
 * somebody who works is not taken for resting.
 */
export const accessTokenSeconds = ({ sessionIdleMinutes }: SessionLimits) => Math.min(ACCESS_TOKEN_SECONDS, sessionIdleMinutes * 60 / 4)
