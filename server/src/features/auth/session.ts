import type { Static } from 'typebox'
import type { User } from '../users/users.schemas.ts'

/** A session just started or continued. `refreshToken` is absent when the browser's cookie is still the right one. */
export interface StartedSession {
  sessionId: string
  refreshToken?: string
  /** What the browser keeps so as to be known as this person's. */
  deviceToken?: string
  /** The person has signed in before, but not in this one. */
  isNewDevice?: boolean
  user: Static<typeof User>
  /** How long its next access token lasts, and the cookie, in seconds. */
  accessSeconds: number
  cookieSeconds: number
}

/** The provider whose word a session is begun by, and its own name for its session there, where it says one. */
export interface VouchedBy { providerId: string, sid: string | null }
