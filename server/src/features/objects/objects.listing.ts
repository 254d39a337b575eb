import type { Executor } from '../../db/database.ts'
import * as queries from './objects.queries.ts'

/** Entries of the store are looked up by so many at once. */
export const BATCH = 500

/** The rows of those that have one, by key. */
export async function listKnown(db: Executor, entries: readonly { key: string }[]) {
  const rows = await queries.listKnown(db, entries.map(({ key }) => key))
  return new Map(rows.map(row => [row.key, row]))
}

export interface EachOptions { signal: AbortSignal, log: { error: (fields: object, message: string) => void } }

/** Works on one after the other. One that fails does not keep the others: it is logged, and whoever sweeps comes again. @returns how many did not fail */
export async function each<T extends object>(list: readonly T[], work: (entry: T) => Promise<unknown>, { signal, log }: EachOptions): Promise<number> {
  let done = 0
  for (const entry of list) {
    signal.throwIfAborted()
    try {
      await work(entry)
      done++
    }
    catch (error) {
      log.error({ err: error, ...entry }, 'the sweep comes again for this')
    }
  }
  return done
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
