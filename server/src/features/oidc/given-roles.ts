import type { Tx } from '../../db/database.ts'
import type { MappedRole } from './oidc.policy.ts'
import type { ProviderRow } from './oidc.queries.ts'
import { lockWorkspace } from '../members/seats.ts'
import { givesRoles } from './oidc.policy.ts'
import { findGiverRole } from './oidc.queries.ts'

/**
 * Whether a provider gives a role where its people join: as an invitation, by the right of whoever set it, which they may have lost since.
 * Inside the caller's transaction, with the workspace's lock: whoever it was keeps their role until the commit.
 */
export async function givesNow(tx: Tx, { id, joinWorkspaceId }: ProviderRow, role: MappedRole): Promise<boolean> {
  if (joinWorkspaceId === null) return false
  await lockWorkspace(tx, joinWorkspaceId)
  return givesRoles(await findGiverRole(tx, id), [role])
}
