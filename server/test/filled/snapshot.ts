import type pg from 'pg'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A database and its folder of bytes, as a version left them. */
export interface Snapshot {
  /** The last migration of that version. */
  migration: string
  madeAt: string
  secretKey: string
  /** Rows as PostgreSQL writes them in JSON, by table. */
  tables: Record<string, Record<string, unknown>[]>
  /** Base64, by path below the data folder. */
  files: Record<string, string>
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`)
  return rows.map(({ name }) => name)
}

export async function takeTables(client: pg.Client): Promise<Snapshot['tables']> {
  const tables: Snapshot['tables'] = {}
  for (const name of await tablesOf(client)) {
    const { rows } = await client.query<{ row: Record<string, unknown> }>(`select to_jsonb(it) as row from "${name}" as it order by it`)
    tables[name] = rows.map(({ row }) => row)
  }
  return tables
}

/** Into tables that are as the snapshot's version made them. Foreign keys are away while it loads and checked when they come back: tables point at one another. */
export async function loadTables(client: pg.Client, tables: Snapshot['tables']): Promise<void> {
  await client.query('begin')
  const { rows: keys } = await client.query<{ at: string, name: string, definition: string }>(`
    select conrelid::regclass::text as at, conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`)
  for (const { at, name } of keys) await client.query(`alter table ${at} drop constraint "${name}"`)
  for (const [name, rows] of Object.entries(tables)) {
    // What a migration put there comes with the rows.
    await client.query(`delete from "${name}"`)
    await client.query(`insert into "${name}" select * from jsonb_populate_recordset(null::"${name}", $1)`, [
      JSON.stringify(rows),
    ])
  }
  for (const { at, name, definition } of keys) await client.query(`alter table ${at} add constraint "${name}" ${definition}`)
  await client.query('commit')
}

export function takeFiles(folder: string): Snapshot['files'] {
  return Object.fromEntries(readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map((entry) => {
    const path = join(entry.parentPath, entry.name)
    return [
      path.slice(folder.length + 1),
      readFileSync(path).toString('base64'),
    ]
  }).sort())
}

export function putFiles(folder: string, files: Snapshot['files']): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), Buffer.from(content, 'base64'))
  }
}

/** A row a line, so that it can be read. */
export function formatSnapshot({ tables, files, ...head }: Snapshot): string {
  const lines = (entries: string[]) => entries.length === 0
    ? ''
    : `\n${entries.join(',\n')}\n`
  return `${JSON.stringify(head).slice(0, -1)},
"tables": {${lines(Object.entries(tables).map(([name, rows]) => `"${name}": [${lines(rows.map(row => JSON.stringify(row)))}]`))}},
"files": {${lines(Object.entries(files).map(([path, content]) => `${JSON.stringify(path)}: "${content}"`))}}}
`
}
