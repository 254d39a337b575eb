import type { Executor } from '../db/database.ts'
import { and, eq, isNull, lt, or } from 'drizzle-orm'
import { deleteBatch } from '../db/delete-batch.ts'
import { idempotencyKeys } from './idempotency.table.ts'

/** A request that says which one it is. */
export interface Claim { owner: string, key: string, fingerprint: Buffer, createdAt: Date }

const rowOf = ({ owner, key }: Claim) => and(eq(idempotencyKeys.owner, owner), eq(idempotencyKeys.key, key))
/** Only the request that claimed the row may end the claim, not one that came back after it was given up. */
const claimed = (claim: Claim) => and(rowOf(claim), eq(idempotencyKeys.createdAt, claim.createdAt), isNull(idempotencyKeys.status))

/** One statement, so that of parallel requests one wins. @returns whether this one did */
export async function takeClaim(db: Executor, claim: Claim, before: { kept: Date, abandoned: Date }): Promise<boolean> {
  const taken = await db
    .insert(idempotencyKeys)
    .values(claim)
    .onConflictDoUpdate({
      target: [idempotencyKeys.owner, idempotencyKeys.key],
      set: { ...claim, status: null, answer: null },
      setWhere: or(
        lt(idempotencyKeys.createdAt, before.kept),
        and(isNull(idempotencyKeys.status), eq(idempotencyKeys.fingerprint, claim.fingerprint), lt(idempotencyKeys.createdAt, before.abandoned)),
      ),
    })
    .returning({ key: idempotencyKeys.key })
  return taken.length > 0
}

export async function findClaim(db: Executor, claim: Claim) {
  const [row] = await db
    .select({ fingerprint: idempotencyKeys.fingerprint, status: idempotencyKeys.status, answer: idempotencyKeys.answer })
    .from(idempotencyKeys)
    .where(rowOf(claim))
  return row
}

export async function keepAnswer(db: Executor, claim: Claim, answer: { status: number, answer: string }): Promise<void> {
  await db.update(idempotencyKeys).set(answer).where(claimed(claim))
}

export async function dropClaim(db: Executor, claim: Claim): Promise<void> {
  await db.delete(idempotencyKeys).where(claimed(claim))
}

export const deleteOldClaims = (tx: Executor, before: Date): Promise<boolean> => deleteBatch(tx, idempotencyKeys, lt(idempotencyKeys.createdAt, before))
