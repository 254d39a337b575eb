import type { SQL } from 'drizzle-orm'
import type { Tx } from '../src/db/database.ts'
import type { TestApp } from './test-app.ts'
import { sql } from 'drizzle-orm'
import { expect } from 'vitest'

/**
 * Begins something that waits for what `lock` takes, does something else meanwhile, and lets it go on.
 * @param meanwhile within the transaction that has the lock
 */
export async function whileHeld<T>({ deps }: Pick<TestApp, 'deps'>, lock: SQL, begin: () => Promise<T>, meanwhile: (tx: Tx) => Promise<unknown>): Promise<T> {
  const { begun } = await deps.db.transaction(async (tx) => {
    await tx.execute(lock)
    // Wrapped: a promise that is returned is waited for, and it waits for us.
    const begun = begin()
    // Outside of the transaction, within which it would always see the same.
    await expect.poll(async () => {
      const { rows: [row] } = await deps.db.execute<{ waiting: number }>(sql`select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
      return row!.waiting
    }, { timeout: 20_000 }).toBeGreaterThan(0)
    await meanwhile(tx)
    return { begun }
  })
  return begun
}

export const person = ({ id }: { id: string }): SQL => sql`select id from users where id = ${id} for update`
