import type { TestApp } from '../../test/test-app.ts'
import { sql } from 'drizzle-orm'
import { bigint, boolean, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp } from '../../test/test-app.ts'
import { binary, instant } from './columns.ts'
import { rowsOf } from './rows.ts'

const things = pgTable('things', {
  id: uuid('id').primaryKey(),
  itsName: text('its_name'),
  count: integer('count'),
  size: bigint('size', { mode: 'number' }),
  isGood: boolean('is_good'),
  at: instant('at'),
  hash: binary('hash'),
  facts: jsonb('facts').$type<unknown>(),
  left: text('left_out').default('as it is'),
})
const written = rowsOf(things, [
  'id',
  'itsName',
  'count',
  'size',
  'isGood',
  'at',
  'hash',
  'facts',
])

let test: TestApp
beforeAll(async () => {
  test = await createTestApp()
  await test.deps.db.execute(sql`create table things (id uuid primary key, its_name text, count integer, size bigint, is_good boolean, at timestamptz(3), hash bytea, facts jsonb, left_out text default 'as it is')`)
})
afterAll(() => test.close())

it('writes what an insert of single values would', async () => {
  const rows = [
    {
      id: test.deps.newId(),
      itsName: `"quoted", \\back\\slash, 'single' {x} ${'\u{1F600}'} é`,
      count: -1,
      size: Number.MAX_SAFE_INTEGER,
      isGood: true,
      at: new Date('2026-01-02T03:04:05.678Z'),
      hash: Buffer.from([0, 1, 254, 255]),
      facts: {
        a: [1, 'two', null],
        b: { c: true },
      },
    },
    {
      id: test.deps.newId(),
      itsName: null,
      count: null,
      size: null,
      isGood: null,
      at: null,
      hash: null,
      facts: 'text',
    },
  ]
  const insert = (list: typeof rows) => test.deps.db.execute(sql`insert into things (${written.names}) select ${written.names} from ${written.of(list)}`)
  await insert(rows)
  await insert([])
  expect(await test.deps.db.select().from(things).orderBy(things.size)).toEqual(rows.map(row => ({ ...row, left: 'as it is' })))
})
