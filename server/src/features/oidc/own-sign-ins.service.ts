import type { Caller, SignedIn } from '../../http/caller.ts'
import type { OidcContext, Sent } from './oidc.context.ts'
import type { OwnSignInList } from './oidc.schemas.ts'
import { notFound } from '../../errors/common-errors.ts'
import { sessionEnded, userSignInDisconnected } from '../audit/audit.actions.ts'
import { requireSteppedUp } from '../auth/standing-session.ts'
import { hasWayIn } from '../auth/ways-in.service.ts'
import { endSessionsBy } from './end-sessions-by.ts'
import { lastWayIn } from './oidc.errors.ts'
import * as queries from './oidc.queries.ts'

/** What people do with the providers that they sign in by. */
export interface OwnSignIns {
  listOwn: (signedIn: SignedIn) => Promise<OwnSignInList>
  /** The account was proved by the session, which has stepped up; who one is there, the provider says. @throws {AppError} `not_found`, `provider.failed` */
  connect: (signedIn: SignedIn, slug: string) => Promise<Sent>
  /** Ends what was begun by it, too, but not the session that asks. Again: nothing. @throws {AppError} `not_found`, `provider.last_way_in` */
  disconnect: (caller: Caller, signedIn: SignedIn, slug: string) => Promise<void>
}

export function createOwnSignIns({ db, clock, audit, send }: OidcContext): OwnSignIns {
  const unknown = () => notFound('There is no such provider')

  return {
    async listOwn({ userId }) {
      const rows = await queries.listOwn(db, userId)
      return {
        hasPassword: await queries.hasPassword(db, userId),
        items: rows.map(({ id, name, workspaceName, label, connectedAt, lastUsedAt }) => ({
          provider: { id, name },
          workspaceName,
          connection: label === null
            ? null
            : {
                label,
                connectedAt: connectedAt!.toISOString(),
                lastUsedAt: lastUsedAt!.toISOString(),
              },
        })),
      }
    },

    async connect({ userId, sessionId }, slug) {
      const provider = await queries.findProvider(db, { slug })
      if (!provider?.isEnabled || !await queries.doesVouchFor(db, provider.id, userId)) throw unknown()
      return send(provider, { purpose: 'connect', sessionId, next: '/account' })
    },

    async disconnect(caller, { userId, name, sessionId }, slug) {
      const provider = await queries.findProvider(db, { slug })
      if (!provider) throw unknown()
      await db.transaction(async (tx) => {
        const now = clock()
        await queries.lockPerson(tx, userId)
        await requireSteppedUp(tx, sessionId, now)
        // Before the connection, as whatever ends everything of a person takes them.
        const ended = await endSessionsBy(tx, now, { providerId: provider.id, userId, but: sessionId })
        const isDisconnected = await queries.deleteIdentity(tx, userId, provider.id)
        if (isDisconnected && !await hasWayIn(tx, userId)) throw lastWayIn('Set a password first')
        const subject = { kind: 'user', id: userId, name } as const
        await audit.record(tx, caller, ...isDisconnected
          ? [
              userSignInDisconnected({
                subject,
                details: { provider: provider.name },
              }),
            ]
          : [], ...ended.map(each => sessionEnded({
          subject,
          details: { sessionId: each.sessionId },
        })))
      })
    },
  }
}
