import type { Tx } from '../../db/database.ts'
import type { EndedSession, ProviderSessions } from './provider-sessions.queries.ts'
import { publishAccountEnded } from '../../live/live-bus.ts'
import { endProviderSessions } from './provider-sessions.queries.ts'

/** Ends what was begun by a provider's word, and tells what is open by it. @returns the sessions that stood */
export async function endSessionsBy(tx: Tx, now: Date, which: ProviderSessions): Promise<EndedSession[]> {
  const ended = await endProviderSessions(tx, now, which)
  for (const userId of new Set(ended.map(({ user }) => user.id))) await publishAccountEnded(tx, userId)
  return ended
}
