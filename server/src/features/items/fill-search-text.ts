import type pg from 'pg'
import type { DataStep } from '../../db/migrate.ts'
import { searchText } from './item-name.ts'

const ROWS_AT_ONCE = 5000

/** Gives every item what searches read, which came with migration 0010. */
export const fillSearchText: DataStep = {
  migration: '0010_names_in_order',
  async run(client: pg.ClientBase) {
    for (let last = '00000000-0000-0000-0000-000000000000'; ;) {
      const { rows } = await client.query<{ id: string, name: string }>('select id, name from items where id > $1 order by id limit $2', [last, ROWS_AT_ONCE])
      if (rows.length === 0) return
      await client.query('update items set search_text = named.search_text from unnest($1::uuid[], $2::text[]) as named (id, search_text) where items.id = named.id', [
        rows.map(({ id }) => id),
        rows.map(({ name }) => searchText(name)),
      ])
      last = rows.at(-1)!.id
    }
  },
}
