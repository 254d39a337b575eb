import type { Executor, Tx } from '../../db/database.ts'
import type { Storage } from '../../storage/storage.ts'
import { eq, isNull, sql } from 'drizzle-orm'
import { StorageError } from '../../storage/storage.ts'
import { instance } from './instance.table.ts'

export type StorageKind = Storage['kind']

/**
 * Two advisory locks, which PostgreSQL lets go of with the connection that holds them. `serving`: shared by everything that serves;
 * whoever has it alone may change where the bytes are. `moving`: at most one move at a time.
 */
export const storageLocks = { serving: 7_203_418, moving: 7_203_419 } as const

/** The driver that holds the bytes; undefined before the first server has started. */
export async function findStorageHome(db: Executor): Promise<StorageKind | undefined> {
  const [row] = await db.select({ storage: instance.storage }).from(instance)
  return row?.storage ?? undefined
}

/** @returns the driver that holds the bytes: `kind`, unless it was decided before */
export async function claimStorageHome(db: Executor, kind: StorageKind): Promise<StorageKind> {
  await db.insert(instance).values({ storage: kind }).onConflictDoNothing()
  await db.update(instance).set({ storage: kind }).where(isNull(instance.storage))
  return (await findStorageHome(db))!
}

/** From here until the transaction ends nobody registers a new object. @returns the instance's name */
export async function setStorageHome(tx: Tx, { from, to, now }: { from: StorageKind, to: StorageKind, now: Date }): Promise<{ name: string }> {
  const [row] = await tx.update(instance).set({ storage: to, updatedAt: now }).where(eq(instance.storage, from)).returning({ name: instance.name })
  if (!row) throw new Error(`The bytes are not in ${from} any more`)
  return row
}

/**
 * The driver that holds the bytes, unchanged until the end of the transaction: what is registered with it is committed before the bytes
 * move on, so that the move sees it. Reads what was committed last, also where the statement began earlier.
 */
export const selectStorageHome = sql`select storage from instance for share`

/**
 * Refuses a new object when the bytes have moved to another driver. A process learns of a lost lock late; this does not.
 * @throws {StorageError} `unavailable`
 */
export async function requireStorageHome(tx: Tx, kind: StorageKind): Promise<void> {
  const { rows: [row] } = await tx.execute<{ storage: StorageKind | null }>(selectStorageHome)
  if ((row?.storage ?? kind) !== kind) throw new StorageError('unavailable', 'the bytes were moved to another driver')
}
