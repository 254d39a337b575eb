import type pg from 'pg'
import type { DataStep } from '../../db/migrate.ts'
import { searchText } from './item-name.ts'

const ROWS_AT_ONCE = 5000

/** Gives every row of a table, in `search_text`, what searches read of its name, with the migration that brought the column. */
export function fillSearchText(migration: string, table: 'items' | 'links', named: 'name' | 'title'): DataStep {
  return {
    migration,
    async run(client: pg.ClientBase) {
      for (let last = '00000000-0000-0000-0000-000000000000'; ;) {
        const { rows } = await client.query<{ id: string, name: string }>(`select id, ${named} as name from ${table} where id > $1 and ${named} is not null order by id limit $2`, [last, ROWS_AT_ONCE])
        if (rows.length === 0) return
        await client.query(`update ${table} set search_text = named.search_text from unnest($1::uuid[], $2::text[]) as named (id, search_text) where ${table}.id = named.id`, [
          rows.map(({ id }) => id),
          rows.map(({ name }) => searchText(name)),
        ])
        last = rows.at(-1)!.id
      }
    },
  }
}
