import type { Static } from 'typebox'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { User } from '../users/users.schemas.ts'
import type { LoginInput, Me, MeChange } from './auth.schemas.ts'

/** A session just started or continued. `refreshToken` is absent when the browser's cookie is still the right one. */
export interface StartedSession {
  sessionId: string
  refreshToken?: string
  user: Static<typeof User>
}

export interface AuthService {
  /** @throws {AppError} `auth.wrong_credentials` for unknown, disabled and wrong alike; `rate.limited` with a growing delay */
  login: (caller: Caller, input: LoginInput) => Promise<StartedSession>
  /** Rotates. A token that was rotated away some seconds ago still counts (two tabs); later it revokes the family. */
  refresh: (caller: Caller, refreshToken: string | undefined) => Promise<StartedSession>
  logout: (caller: Caller, refreshToken: string | undefined) => Promise<void>
  me: (signedIn: SignedIn) => Promise<Me>
  changeMe: (caller: Caller, signedIn: SignedIn, change: MeChange) => Promise<Me>
}
