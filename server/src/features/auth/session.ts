import type { Static } from 'typebox'
import type { Config } from '../../config/config.ts'
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

export const isHttps = (config: Pick<Config, 'publicUrl'>) => config.publicUrl.startsWith('https://')

/** Kept when a session ends: see known-devices.ts. */
export const deviceCookieName = (config: Pick<Config, 'publicUrl'>) => (isHttps(config)
  ? '__Host-clientshare-device'
  : 'clientshare-device')

/** `__Host-` needs Secure, and a browser drops Secure cookies over plain http: sign-in would loop. */
export const cookieName = (config: Pick<Config, 'publicUrl'>) => (isHttps(config)
  ? '__Host-clientshare-session'
  : 'clientshare-session')

/** Kept while somebody waits for a mailed code, which counts with it alone. */
export const codeCookieName = (config: Pick<Config, 'publicUrl'>) => (isHttps(config)
  ? '__Host-clientshare-code'
  : 'clientshare-code')
