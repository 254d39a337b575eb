import type { SQL } from 'drizzle-orm'
import type { Executor, Tx } from '../../db/database.ts'
import { and, asc, gt, isNotNull, sql } from 'drizzle-orm'
import { rowsOf } from '../../db/rows.ts'
import { idempotencyKeys } from '../../http/idempotency.table.ts'
import { mails } from '../../mail/mails.table.ts'
import { totpFactors } from '../factors/factors.table.ts'
import { links } from '../links/links.table.ts'
import { oidcProviders } from '../oidc/oidc-providers.table.ts'

export interface Sealed { id: string, ciphertext: Buffer }

/** What is encrypted with the instance key and stays: addresses of links, secrets of mails, of authenticator apps and of sign-in providers. */
export type SealedKind = 'links' | 'mails' | 'totpFactors' | 'oidcProviders'
const sealedOf = {
  links: { table: links, column: links.tokenCiphertext },
  mails: { table: mails, column: mails.sealed },
  totpFactors: { table: totpFactors, column: totpFactors.secret },
  oidcProviders: { table: oidcProviders, column: oidcProviders.clientSecret },
}

/** Whether nothing has this lock; nobody gets it until the transaction ends. */
export async function tryLock(tx: Tx, lock: number): Promise<boolean> {
  const { rows: [row] } = await tx.execute<{ held: boolean }>(sql`select pg_try_advisory_xact_lock(${lock}) as held`)
  return row!.held
}

/** The next of all of a kind, by id; from the beginning without `after`. */
export async function listSealed(db: Executor, kind: SealedKind, after: string | undefined, limit: number): Promise<Sealed[]> {
  const { table, column } = sealedOf[kind]
  const rows = await db
    .select({ id: table.id, ciphertext: column })
    .from(table)
    .where(and(isNotNull(column), after === undefined
      ? undefined
      : gt(table.id, after)))
    .orderBy(asc(table.id))
    .limit(limit)
  return rows as Sealed[]
}

const sealedRows = {
  links: rowsOf(links, ['id', 'tokenCiphertext']),
  mails: rowsOf(mails, ['id', 'sealed']),
  totpFactors: rowsOf(totpFactors, ['id', 'secret']),
  oidcProviders: rowsOf(oidcProviders, ['id', 'clientSecret']),
}

const changes: Record<SealedKind, (changed: readonly Sealed[]) => SQL> = {
  links: changed => sql`update ${links} set token_ciphertext = rows.token_ciphertext from ${sealedRows.links.of(changed.map(({ id, ciphertext }) => ({ id, tokenCiphertext: ciphertext })))} where ${links.id} = rows.id`,
  mails: changed => sql`update ${mails} set sealed = rows.sealed from ${sealedRows.mails.of(changed.map(({ id, ciphertext }) => ({ id, sealed: ciphertext })))} where ${mails.id} = rows.id`,
  totpFactors: changed => sql`update ${totpFactors} set secret = rows.secret from ${sealedRows.totpFactors.of(changed.map(({ id, ciphertext }) => ({ id, secret: ciphertext })))} where ${totpFactors.id} = rows.id`,
  oidcProviders: changed => sql`update ${oidcProviders} set client_secret = rows.client_secret from ${sealedRows.oidcProviders.of(changed.map(({ id, ciphertext }) => ({ id, clientSecret: ciphertext })))} where ${oidcProviders.id} = rows.id`,
}

export async function changeSealed(tx: Tx, kind: SealedKind, changed: readonly Sealed[]): Promise<void> {
  await tx.execute(changes[kind](changed))
}

export async function forgetAnswers(tx: Tx): Promise<void> {
  await tx.delete(idempotencyKeys)
}
