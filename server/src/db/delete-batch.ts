import type { SQL } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Executor } from './database.ts'
import { sql } from 'drizzle-orm'

const AT_ONCE = 1000

/**
 * Deletes some of the rows that are due. What somebody holds at the moment is left for the next time, and what they make of it counts: a row that is
 * due no more stays.
 * @returns whether there may be more
 */
export async function deleteBatch(tx: Executor, table: PgTable, due: SQL | undefined): Promise<boolean> {
  if (due === undefined) throw new Error('All of a table is never due')
  const { rowCount } = await tx.execute(sql`
    delete from ${table} where ctid = any(array(select ctid from ${table} where ${due} limit ${AT_ONCE} for update skip locked))`)
  return rowCount === AT_ONCE
}
