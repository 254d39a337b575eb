import type { Db } from '../../db/database.ts'
import * as queries from './objects.queries.ts'

/** Entries of the store are looked up by so many at once. */
export const BATCH = 500

/** The rows of those that have one, by key. */
export async function listKnown(db: Db, entries: readonly { key: string }[]) {
  const rows = await queries.listKnown(db, entries.map(({ key }) => key))
  return new Map(rows.map(row => [row.key, row]))
}

/** What is old enough, by hundreds: one query for each batch. */
export async function* oldOnes<T extends { modifiedAt: Date }>(list: AsyncIterable<T>, before: Date): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const entry of list) {
    if (entry.modifiedAt >= before) continue
    batch.push(entry)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
