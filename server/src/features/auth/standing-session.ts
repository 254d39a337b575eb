import type { Tx } from '../../db/database.ts'
import { unauthenticated } from '../../errors/common-errors.ts'
import { stepUpRequired } from './auth.errors.ts'
import { findStandingSession } from './auth.queries.ts'

/**
 * Asked again under the person's lock, by whatever gives a session something that lasts longer than itself: since the call was let in, everything of the person may have been ended,
 * or another session may have added a factor that this one has not shown.
 * @throws {AppError} `auth.unauthenticated` once it has ended, `auth.step_up_required`
 */
export async function requireSteppedUp(tx: Tx, sessionId: string, now: Date): Promise<void> {
  const session = await findStandingSession(tx, sessionId, now)
  if (!session) throw unauthenticated('The session has ended')
  if (!session.steppedUpAt) throw stepUpRequired()
}
