import type { SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { getTableColumns, sql } from 'drizzle-orm'

/** Some of a table's columns, written for many rows at once. */
export interface Rows<Row> {
  /** The columns' names, as `insert into … (…)` and `select …` take them. */
  names: SQL
  /** The rows as a set with these names: `from ${of(rows)} as it`. One parameter, so that the statement reads the same and is prepared once, however many there are. */
  of: (rows: readonly Row[]) => SQL
}

/**
 * @param table whose columns have these names and types
 * @param keys of the columns, as the table's TypeScript names them
 */
export function rowsOf<T extends PgTable, K extends keyof T['$inferInsert'] & string>(table: T, keys: readonly K[]): Rows<{ [key in K]: T['$inferInsert'][key] }> {
  const columns: Record<string, PgColumn> = getTableColumns(table)
  const chosen = keys.map(key => ({ key, column: columns[key]! }))
  const types = sql.raw(chosen.map(({ column }) => `"${column.name}" ${column.getSQLType()}`).join(', '))
  return {
    names: sql.raw(chosen.map(({ column }) => `"${column.name}"`).join(', ')),
    of: rows => sql`json_to_recordset(${JSON.stringify(rows.map(row => Object.fromEntries(chosen.map(({ key, column }) => [
      column.name,
      jsonOf(column, row[key]),
    ]))))}::json) as rows (${types})`,
  }
}

/** As PostgreSQL reads a value of the column's type from JSON. */
function jsonOf(column: PgColumn, value: unknown): unknown {
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`
  // JSON in JSON stays what it is; drizzle would make it text.
  return value === null || value === undefined || column.dataType === 'json'
    ? value
    : column.mapToDriverValue(value)
}
