import type { Executor, Tx } from '../../db/database.ts'
import type { Storage } from '../../storage/storage.ts'
import { and, eq, isNull } from 'drizzle-orm'
import { hasFactor } from '../factors/factors.table.ts'
import { users } from '../users/users.table.ts'
import { instance, storageHome } from './instance.table.ts'

export type StorageKind = Storage['kind']
export type InstanceRow = typeof instance.$inferSelect

export async function findInstance(db: Executor): Promise<InstanceRow | undefined> {
  const [row] = await db.select().from(instance)
  return row
}

/** The one row, made when it is not there yet, locked. */
export async function lockInstance(tx: Tx, now: Date): Promise<InstanceRow> {
  await tx.insert(instance).values({ updatedAt: now }).onConflictDoNothing()
  const [row] = await tx.select().from(instance).for('update')
  return row!
}

export async function changeInstance(tx: Tx, change: Partial<typeof instance.$inferInsert>): Promise<InstanceRow> {
  const [row] = await tx.update(instance).set(change).returning()
  return row!
}

/** Whether the person has a second factor. */
export async function isHolder(tx: Tx, userId: string): Promise<boolean> {
  return await tx.$count(users, and(eq(users.id, userId), hasFactor(users.id))) > 0
}

export async function insertOperator(tx: Tx, operator: typeof users.$inferInsert): Promise<void> {
  await tx.insert(users).values(operator)
}

export async function findStorage(db: Executor): Promise<StorageKind | undefined> {
  const [row] = await db.select({ storage: instance.storage }).from(instance)
  return row?.storage ?? undefined
}

/** Where the bytes are, unchanged until the end of the transaction. */
export async function shareStorage(tx: Tx): Promise<StorageKind | undefined> {
  const { rows: [row] } = await tx.execute<{ storage: StorageKind | null }>(storageHome)
  return row?.storage ?? undefined
}

export async function claimStorage(db: Executor, kind: StorageKind): Promise<void> {
  await db.insert(instance).values({ storage: kind }).onConflictDoNothing()
  await db.update(instance).set({ storage: kind }).where(isNull(instance.storage))
}

/** @returns undefined when the bytes are not in `from` */
export async function moveStorage(tx: Tx, { from, to, now }: { from: StorageKind, to: StorageKind, now: Date }): Promise<{ name: string } | undefined> {
  const [row] = await tx.update(instance).set({ storage: to, updatedAt: now }).where(eq(instance.storage, from)).returning({ name: instance.name })
  return row
}
