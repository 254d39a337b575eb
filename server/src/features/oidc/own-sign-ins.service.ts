import type { Caller, SignedIn } from '../../http/caller.ts'
import type { OidcContext, Sent } from './oidc.context.ts'
import type { OwnSignInList } from './oidc.schemas.ts'
import { notFound } from '../../errors/common-errors.ts'
import { userSignInDisconnected } from '../audit/audit.actions.ts'
import { hasWayIn } from '../auth/ways-in.service.ts'
import { lastWayIn } from './oidc.errors.ts'
import * as queries from './oidc.queries.ts'

/** What people do with the providers that they sign in by. */
export interface OwnSignIns {
  listOwn: (signedIn: SignedIn) => Promise<OwnSignInList>
  /** The account was proved by the session, which has stepped up; who one is there, the provider says. @throws {AppError} `not_found`, `provider.failed` */
  connect: (signedIn: SignedIn, slug: string) => Promise<Sent>
  /** Again: nothing. @throws {AppError} `not_found`, `provider.last_way_in` */
  disconnect: (caller: Caller, signedIn: SignedIn, slug: string) => Promise<void>
}

export function createOwnSignIns({ db, audit, send }: OidcContext): OwnSignIns {
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

    async disconnect(caller, { userId, name }, slug) {
      const provider = await queries.findProvider(db, { slug })
      if (!provider) throw unknown()
      await db.transaction(async (tx) => {
        await queries.lockPerson(tx, userId)
        if (!await queries.deleteIdentity(tx, userId, provider.id)) return
        if (!await hasWayIn(tx, userId)) throw lastWayIn('Set a password first')
        await audit.record(tx, caller, userSignInDisconnected({
          subject: { kind: 'user', id: userId, name },
          details: { provider: provider.name },
        }))
      })
    },
  }
}
