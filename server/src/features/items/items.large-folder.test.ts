import type { SQLWrapper } from 'drizzle-orm'
import type { Pool, QueryConfig } from 'pg'
import type { Place } from '../../../test/item-factories.ts'
import type { Executor } from '../../db/database.ts'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createItemsFixture, nil } from './items.fixture.ts'
import * as queries from './items.queries.ts'

const { test, owner, root, inside, list } = await createItemsFixture()
afterAll(() => test.close())

describe('a folder with 100,000 files', () => {
  let folder: Place
  beforeAll(async () => {
    folder = await inside(root, 'Large')
    await test.deps.db.execute(sql`
      insert into items (id, workspace_id, space_id, parent_id, kind, name, name_key, size_bytes, created_by, created_at, updated_at)
      select gen_random_uuid(), ${folder.workspaceId}, ${folder.spaceId}, ${folder.parentId}, case when n <= 100 then 'folder' else 'file' end,
        'item ' || n, 'item ' || n, n % 5000, ${owner.id}, now(), now() - n * interval '1 second'
      from generate_series(1, 100000) n`)
    await test.deps.db.execute(sql`analyze items`)
  })

  interface Plan { 'Node Type': string, 'Actual Rows': number, 'Rows Removed by Filter'?: number, 'Relation Name'?: string, 'Plans'?: Plan[] }

  interface Explained extends Record<string, unknown> { 'QUERY PLAN': [{ Plan: Plan }] }

  /** The same of a query that is built once: what it sends is sent again, to be explained. */
  async function rowsReadBy(ask: (db: Executor) => Promise<unknown>): Promise<number> {
    const { $client: pool } = test.deps.db as unknown as { $client: Pool }
    let read = 0
    await ask({
      _: {
        session: {
          client: {
            async query(statement: QueryConfig, values: unknown[]) {
              read = rowsOf((await pool.query<Explained>(`explain (analyze, format json) ${statement.text}`, values)).rows)
              return { rows: [] }
            },
          },
        },
      },
    } as unknown as Executor)
    return read
  }

  /** How many rows of the table a query has looked at. */
  const rowsRead = async (query: SQLWrapper) => rowsOf((await test.deps.db.execute<Explained>(sql`explain (analyze, format json) ${query}`)).rows)
  function rowsOf(rows: Explained[]): number {
    const count = (plan: Plan): number => (plan['Relation Name'] === 'items'
      ? plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)
      : 0) + (plan.Plans ?? []).map(count).reduce((a, b) => a + b, 0)
    return count(rows[0]!['QUERY PLAN'][0].Plan)
  }

  it.each(['name', 'updatedAt', 'size'] as const)('reads a page by %s from the index alone, at the start and in the middle, both ways', async (field) => {
    const middle = {
      name: 'item 5',
      updatedAt: new Date(Date.now() - 50_000_000),
      size: 2500,
    }[field]
    for (const descending of [false, true]) {
      for (const after of [
        undefined,
        {
          value: middle,
          id: nil,
        },
      ]) {
        const ask = (db: Executor) => queries.pageOfFolder(db, folder.workspaceId, folder.parentId, undefined, {
          kind: 'file',
          order: { field, descending },
          after,
          limit: 51,
        })
        expect(await ask(test.deps.db)).toHaveLength(51)
        const read = await rowsReadBy(ask)
        expect(read).toBeGreaterThanOrEqual(51)
        expect(read).toBeLessThanOrEqual(60)
      }
    }
  })

  it('answers with the folders and then the files', async () => {
    const first = await list({ parentId: folder.parentId, limit: '200', sort: 'updatedAt' })
    expect(first.body.items.map((item: { kind: string }) => item.kind)).toEqual([
      ...Array.from({ length: 100 }).fill('folder'),
      ...Array.from({ length: 100 }).fill('file'),
    ])
  })

  it('finds the first page of many matches without reading all of them', async () => {
    const scope = {
      workspaceId: folder.workspaceId,
      userId: owner.id,
      reach: { everywhere: true, all: [], own: [] },
    }
    const query = queries.pageOfMatches(test.deps.db, scope, { key: 'item', below: undefined }, {
      kind: 'file',
      order: { field: 'name', descending: false },
      after: undefined,
      limit: 51,
    })
    expect(await query).toHaveLength(51)
    expect(await rowsRead(query)).toBeLessThanOrEqual(1000)
  })
})
