import type { Caller } from '../../http/caller.ts'
import type { OidcContext } from './oidc.context.ts'
import { notFound } from '../../errors/common-errors.ts'
import { sessionEnded } from '../audit/audit.actions.ts'
import { endSessionsBy } from './end-sessions-by.ts'
import { TOLERATED_SECONDS } from './oidc-client.ts'
import * as queries from './oidc.queries.ts'

/** A provider says that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0). */
export interface ProviderLogout {
  /**
   * Ends what was begun by the session there, or by the person.
   * @throws {AppError} `not_found`, `provider.wrong_answer` for a token that does not hold, `provider.failed` when the provider's keys cannot be had, `rate.limited`
   */
  logoutByProvider: (caller: Caller, slug: string, logoutToken: string) => Promise<void>
}

/** From one place, in ten minutes: a provider is one, and an office may go home at once. */
const SENT = { count: 3000, windowSeconds: 600 }

export function createProviderLogout({ db, clock, audit, throttle, client, spokenWith }: OidcContext): ProviderLogout {
  return {
    async logoutByProvider(caller, slug, logoutToken) {
      await throttle.limitPlace('oidc-logout', caller.origin.ip, SENT)
      const provider = await queries.findProvider(db, { slug })
      if (!provider) throw notFound('There is no such provider')
      const { subject, sid, issuedAt } = await client.judgeLogout(spokenWith(provider), logoutToken)
      await db.transaction(async (tx) => {
        const ownerId = subject === undefined
          ? undefined
          : await queries.findIdentityOwner(tx, provider.id, subject)
        if (subject !== undefined && ownerId === undefined) return
        // The person before what is theirs, as everywhere.
        if (ownerId !== undefined) await queries.lockPerson(tx, ownerId)
        const ended = await endSessionsBy(tx, clock(), {
          providerId: provider.id,
          userId: ownerId,
          sid,
          // What began afterwards was not meant: so a token that is sent again does nothing, and none has to be remembered.
          begunBy: new Date(issuedAt.getTime() + TOLERATED_SECONDS * 1000),
        })
        const byProvider: Caller = {
          ...caller,
          actor: { kind: 'system', id: null, name: provider.name },
        }
        await audit.record(tx, byProvider, ...ended.map(({ sessionId, user }) => sessionEnded({
          subject: { kind: 'user', ...user },
          details: { sessionId },
        })))
      })
    },
  }
}
