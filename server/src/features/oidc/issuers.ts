import type { Executor } from '../../db/database.ts'
import type { Issuers } from '../../outgoing.ts'
import { listIssuers } from './oidc.queries.ts'

/** By whose word people may sign in. */
export async function issuersOf(db: Executor): Promise<Issuers> {
  const rows = await listIssuers(db)
  return {
    own: rows.flatMap(({ issuer, workspaceId }) => workspaceId === null
      ? [issuer]
      : []),
    ofWorkspaces: rows.some(({ workspaceId }) => workspaceId !== null),
  }
}
