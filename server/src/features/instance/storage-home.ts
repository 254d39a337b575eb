import type { Executor, Tx } from '../../db/database.ts'
import type { StorageKind } from './instance.queries.ts'
import { StorageError } from '../../storage/storage.ts'
import * as queries from './instance.queries.ts'

export type { StorageKind }

/** The driver that holds the bytes; undefined before the first server has started. */
export function findStorageHome(db: Executor): Promise<StorageKind | undefined> {
  return queries.findStorage(db)
}

/** @returns the driver that holds the bytes: `kind`, unless it was decided before */
export async function claimStorageHome(db: Executor, kind: StorageKind): Promise<StorageKind> {
  await queries.claimStorage(db, kind)
  return (await findStorageHome(db))!
}

/** From here until the transaction ends nobody registers a new object. @returns the instance's name */
export async function setStorageHome(tx: Tx, move: { from: StorageKind, to: StorageKind, now: Date }): Promise<{ name: string }> {
  const row = await queries.moveStorage(tx, move)
  if (!row) throw new Error(`The bytes are not in ${move.from} any more`)
  return row
}

/**
 * Refuses a new object when the bytes have moved to another driver. A process learns of a lost lock late; this does not.
 * @throws {StorageError} `unavailable`
 */
export async function requireStorageHome(tx: Tx, kind: StorageKind): Promise<void> {
  if ((await queries.shareStorage(tx) ?? kind) !== kind) throw new StorageError('unavailable', 'the bytes were moved to another driver')
}
