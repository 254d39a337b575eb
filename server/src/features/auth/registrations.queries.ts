import type { Executor } from '../../db/database.ts'
import { and, eq, gt } from 'drizzle-orm'
import { users } from '../users/users.table.ts'
import { registrations } from './registrations.table.ts'

/** Instead of the one that the address had. */
export async function putRegistration(tx: Executor, { emailKey, ...registration }: typeof registrations.$inferInsert): Promise<void> {
  await tx.insert(registrations).values({ emailKey, ...registration }).onConflictDoUpdate({ target: registrations.emailKey, set: registration })
}

export async function findRegistration(db: Executor, tokenHash: Buffer, now: Date): Promise<{ id: string, email: string, emailKey: string } | undefined> {
  const [row] = await db
    .select({ id: registrations.id, email: registrations.email, emailKey: registrations.emailKey })
    .from(registrations)
    .where(and(eq(registrations.tokenHash, tokenHash), gt(registrations.expiresAt, now)))
  return row
}

/** @returns whether it was still there: of two at once, one has it */
export async function takeRegistration(tx: Executor, id: string): Promise<boolean> {
  const { rowCount } = await tx.delete(registrations).where(eq(registrations.id, id))
  return rowCount === 1
}

/** @returns false when somebody has the address by now */
export async function insertPerson(tx: Executor, user: typeof users.$inferInsert): Promise<boolean> {
  const { rowCount } = await tx.insert(users).values(user).onConflictDoNothing({ target: users.emailKey })
  return rowCount === 1
}
