import type { Executor, Tx } from '../../db/database.ts'
import { asc, gt, sql } from 'drizzle-orm'
import { rowsOf } from '../../db/rows.ts'
import { idempotencyKeys } from '../../http/idempotency.table.ts'
import { links } from '../links/links.table.ts'

export interface SealedLink { id: string, tokenCiphertext: Buffer }

/** Whether nothing has this lock; nobody gets it until the transaction ends. */
export async function tryLock(tx: Tx, lock: number): Promise<boolean> {
  const { rows: [row] } = await tx.execute<{ held: boolean }>(sql`select pg_try_advisory_xact_lock(${lock}) as held`)
  return row!.held
}

/** The next of all links, by id; from the beginning without `after`. */
export function listSealed(db: Executor, after: string | undefined, limit: number): Promise<SealedLink[]> {
  return db
    .select({ id: links.id, tokenCiphertext: links.tokenCiphertext })
    .from(links)
    .where(after === undefined
      ? undefined
      : gt(links.id, after))
    .orderBy(asc(links.id))
    .limit(limit)
}

const sealedRows = rowsOf(links, ['id', 'tokenCiphertext'])

export async function changeSealed(tx: Tx, changed: readonly SealedLink[]): Promise<void> {
  await tx.execute(sql`update ${links} set token_ciphertext = rows.token_ciphertext from ${sealedRows.of(changed)} where ${links.id} = rows.id`)
}

export async function forgetAnswers(tx: Tx): Promise<void> {
  await tx.delete(idempotencyKeys)
}
