import type { Executor, Tx } from '../../db/database.ts'
import { policyAnswers } from './policy-answers.table.ts'

export type PolicyAnswersRow = typeof policyAnswers.$inferSelect

export async function findAnswers(db: Executor): Promise<PolicyAnswersRow | undefined> {
  const [row] = await db.select().from(policyAnswers)
  return row
}

/** The one row, made when it is not there yet, locked. */
export async function lockAnswers(tx: Tx, now: Date): Promise<PolicyAnswersRow> {
  await tx.insert(policyAnswers).values({ updatedAt: now }).onConflictDoNothing()
  const [row] = await tx.select().from(policyAnswers).for('update')
  return row!
}

export async function changeAnswers(tx: Tx, change: Partial<PolicyAnswersRow>): Promise<void> {
  await tx.update(policyAnswers).set(change)
}
