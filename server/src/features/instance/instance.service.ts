import type { Caller } from '../../http/caller.ts'
import type { StartedSession } from '../auth/auth.service.ts'
import type { InstanceChange, InstanceSettings, SetupInput } from './instance.schemas.ts'

export interface InstanceService {
  isSetUp: () => Promise<boolean>
  /** At start: sets up from ADMIN_EMAIL and ADMIN_PASSWORD, or returns the token to print; undefined when set up. */
  prepareSetup: () => Promise<string | undefined>
  /** @throws {AppError} `not_found` once set up, `setup.wrong_token` (throttled) */
  setUp: (caller: Caller, input: SetupInput) => Promise<StartedSession>
  settings: () => Promise<InstanceSettings>
  change: (caller: Caller, change: InstanceChange) => Promise<InstanceSettings>
}
