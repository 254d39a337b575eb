import type { SQLWrapper } from 'drizzle-orm'
import type { Place } from '../../../test/item-factories.ts'
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

  /** How many rows of the table a query has looked at. */
  async function rowsRead(query: SQLWrapper): Promise<number> {
    const { rows } = await test.deps.db.execute<{ 'QUERY PLAN': [{ Plan: Plan }] }>(sql`explain (analyze, format json) ${query}`)
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
        const query = queries.pageOfFolder(test.deps.db, folder.workspaceId, folder.parentId, undefined, {
          kind: 'file',
          order: { field, descending },
          after,
          limit: 51,
        })
        expect(await query).toHaveLength(51)
        expect(await rowsRead(query)).toBeLessThanOrEqual(60)
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
