import type { Executor } from '../../db/database.ts'
import { and, eq, gte, or } from 'drizzle-orm'
import { policyAcceptances } from '../acceptances/acceptances.table.ts'
import { passkeys, recoveryCodes, totpFactors } from '../factors/factors.table.ts'
import { oidcProviders } from '../oidc/oidc-providers.table.ts'
import { oidcIdentities } from '../oidc/oidc.table.ts'

/**
 * Takes away the second factors of a person and the providers that they sign in by; those alone that came since, if that is said. Recovery codes go with the last factor, and
 * those that were made since in any case: whoever made them knows them; and so does what was agreed to in their name. @returns what went, by its name
 */
export async function removeWaysIn(tx: Executor, userId: string, since?: Date): Promise<string[]> {
  const keys = await tx.delete(passkeys).where(and(
    eq(passkeys.userId, userId),
    since && gte(passkeys.createdAt, since),
  )).returning({ name: passkeys.name })
  const totps = await tx.delete(totpFactors).where(and(
    eq(totpFactors.userId, userId),
    since && or(gte(totpFactors.createdAt, since), gte(totpFactors.confirmedAt, since)),
  )).returning({ confirmedAt: totpFactors.confirmedAt })
  const isLast = await tx.$count(passkeys, eq(passkeys.userId, userId)) + await tx.$count(totpFactors, eq(totpFactors.userId, userId)) === 0
  await tx.delete(recoveryCodes).where(and(
    eq(recoveryCodes.userId, userId),
    since && !isLast
      ? gte(recoveryCodes.createdAt, since)
      : undefined,
  ))
  await tx.delete(policyAcceptances).where(and(
    eq(policyAcceptances.userId, userId),
    since && gte(policyAcceptances.acceptedAt, since),
  ))
  const gone = tx.$with('gone').as(tx.delete(oidcIdentities).where(and(
    eq(oidcIdentities.userId, userId),
    since && gte(oidcIdentities.createdAt, since),
  )).returning({ providerId: oidcIdentities.providerId }))
  const providers = await tx.with(gone).select({ name: oidcProviders.name }).from(gone).innerJoin(oidcProviders, eq(oidcProviders.id, gone.providerId))
  return [
    ...keys.map(({ name }) => name),
    ...totps.flatMap(({ confirmedAt }) => confirmedAt
      ? ['totp']
      : []),
    ...providers.map(({ name }) => name),
  ]
}
