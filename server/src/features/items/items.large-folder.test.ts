import type { Place } from '../../../test/item-factories.ts'
import type { Db } from '../../db/database.ts'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rowsRead } from '../../../test/rows-read.ts'
import { createItemsFixture, nil } from './items.fixture.ts'
import * as queries from './items.queries.ts'

const { test, owner, root, inside, list } = await createItemsFixture()
afterAll(() => test.close())

describe('a folder with 100,000 files', () => {
  let folder: Place
  beforeAll(async () => {
    folder = await inside(root, 'Large')
    // In parts: a statement has 30 s, which a slow machine may need for all of it.
    for (let from = 1; from <= 100_000; from += 5000) {
      await test.deps.db.execute(sql`
      insert into items (id, workspace_id, space_id, parent_id, kind, name, name_key, search_text, size_bytes, created_by, created_at, updated_at)
      select gen_random_uuid(), ${folder.workspaceId}, ${folder.spaceId}, ${folder.parentId}, case when n <= 100 then 'folder' else 'file' end,
        'item ' || n, 'item ' || n, 'item ' || n, n % 5000, ${owner.id}, now(), now() - n * interval '1 second'
      from generate_series(${from}::int, ${from + 4999}::int) n`)
    }
    await test.deps.db.execute(sql`analyze items`)
  })

  it.each(['name', 'updatedAt', 'size'] as const)('reads a page by %s from the index alone, at the start and in the middle, both ways', async (field) => {
    const middle = {
      name: 'item 50000',
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
        const ask = (db: Db) => queries.pageOfFolder(db, folder.workspaceId, folder.parentId, undefined, {
          kind: 'file',
          order: { field, descending },
          after,
          limit: 51,
        })
        expect(await ask(test.deps.db)).toHaveLength(51)
        expect(await rowsRead(test, ['items'], ask)).toBeLessThanOrEqual(60)
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

  it('finds what is seldom without reading the rest, and what is nowhere', async () => {
    const scope = {
      workspaceId: folder.workspaceId,
      userId: owner.id,
      reach: { everywhere: true, all: [], own: [] },
    }
    for (const [word, found] of [
      ['99999', 1],
      ['nowhere', 0],
    ] as const) {
      const ask = (db: Db) => queries.pageOfMatches(db, scope, {
        words: [word],
        below: undefined,
      }, {
        kind: 'file',
        order: { field: 'name', descending: false },
        after: undefined,
        limit: 51,
      })
      expect(await ask(test.deps.db)).toHaveLength(found)
      expect(await rowsRead(test, ['items'], ask)).toBeLessThanOrEqual(600)
    }
  })

  it('finds the first page of many matches without reading all of them', async () => {
    const scope = {
      workspaceId: folder.workspaceId,
      userId: owner.id,
      reach: { everywhere: true, all: [], own: [] },
    }
    const ask = (db: Db) => queries.pageOfMatches(db, scope, {
      words: ['item'],
      below: undefined,
    }, {
      kind: 'file',
      order: { field: 'name', descending: false },
      after: undefined,
      limit: 51,
    })
    expect(await ask(test.deps.db)).toHaveLength(51)
    expect(await rowsRead(test, ['items'], ask)).toBeLessThanOrEqual(1000)
  })
})
