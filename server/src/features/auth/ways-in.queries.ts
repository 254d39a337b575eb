import type { Executor } from '../../db/database.ts'
import { and, eq, exists, isNotNull, or } from 'drizzle-orm'
import { passkeys } from '../factors/factors.table.ts'
import { oidcProviders, vouchesFor } from '../oidc/oidc-providers.table.ts'
import { oidcIdentities } from '../oidc/oidc.table.ts'
import { users } from '../users/users.table.ts'

export async function hasWayIn(tx: Executor, userId: string): Promise<boolean> {
  const provider = tx
    .select({ id: oidcIdentities.id })
    .from(oidcIdentities)
    .innerJoin(oidcProviders, eq(oidcProviders.id, oidcIdentities.providerId))
    .where(and(eq(oidcIdentities.userId, users.id), oidcProviders.isEnabled, vouchesFor(oidcProviders.id, users.id)))
  const [row] = await tx.select({ id: users.id }).from(users).where(and(eq(users.id, userId), or(
    isNotNull(users.passwordHash),
    exists(tx.select({ id: passkeys.id }).from(passkeys).where(eq(passkeys.userId, users.id))),
    exists(provider),
  )))
  return row !== undefined
}
