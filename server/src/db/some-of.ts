import type { SQL } from 'drizzle-orm'
import type { Executor } from './database.ts'
import { sql } from 'drizzle-orm'

/** The first of what a query finds, and how many there are. */
export interface SomeOf<Row> { rows: Row[], count: number }

/** Asks for the first rows of a query, as many as wanted, and how many it finds. */
export const asks = <Row extends object>(query: SQL) => async (db: Executor, limit: number): Promise<SomeOf<Row>> => {
  const { rows } = await db.execute<{ total: string }>(sql`select found.*, count(*) over () as total from (${query}) as found limit ${limit}`)
  return {
    rows: rows as unknown as Row[],
    count: Number(rows[0]?.total ?? 0),
  }
}
