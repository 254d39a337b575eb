import type { TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFile, createFolder, createWorkspace } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { planArchive } from './archive-plan.ts'

describe('planArchive', () => {
  let test: TestApp
  let workspace: TestWorkspace
  beforeAll(async () => {
    test = await createTestApp()
    workspace = await createWorkspace(test)
  })
  afterAll(() => test.close())

  const plan = (rootId: string, maxEntries?: number) => planArchive({
    db: test.deps.db,
    workspaceId: workspace.id,
    roots: [
      { id: rootId, whole: true },
    ],
    mayDownload: async () => new Set(),
    maxEntries,
  })
  /** Many folders at once, as one statement. */
  const addFolders = (parentId: string, count: number, name: string) => test.deps.db.execute(sql`
    insert into items (id, workspace_id, space_id, parent_id, kind, name, name_key, search_text, created_at, updated_at)
    select gen_random_uuid(), ${workspace.id}::uuid, ${workspace.spaceId}::uuid, ${parentId}::uuid, 'folder', ${name}::text || n, ${name}::text || n, ${name}::text || n, now(), now()
    from generate_series(1, ${count}::int) n`)

  it('takes each item once over many pages and many folders, parents first', async () => {
    const root = await createFolder(test, workspace, { name: 'root' })
    await addFolders(root.id, 6000, 'wide ')
    await test.deps.db.execute(sql`
      insert into items (id, workspace_id, space_id, parent_id, kind, name, name_key, search_text, created_at, updated_at)
      select gen_random_uuid(), workspace_id, space_id, id, 'folder', 'leaf', 'leaf', 'leaf', now(), now() from items where parent_id = ${root.id}::uuid`)
    const { entries } = await plan(root.id)
    const paths = [...entries].map(entry => entry.path)
    expect([entries.length, paths.length, new Set(paths).size]).toEqual([12_001, 12_001, 12_001])
    const seen = new Set<string>(['./'])
    for (const path of paths) {
      const parent = path.replace(/[^/]+\/$/, '')
      if (parent !== '') expect(seen.has(parent)).toBe(true)
      seen.add(path)
    }
    await expect(plan(root.id, 12_000)).rejects.toMatchObject({ code: 'archive.too_large' })
    expect((await plan(root.id, 12_001)).entries.length).toBe(12_001)
  })

  it('does not change once it is made', async () => {
    const root = await createFolder(test, workspace, { name: 'fixed' })
    await createFile(test, workspace, { name: 'a', content: 'a', parentId: root.id })
    const { entries, size, fileCount, contentBytes } = await plan(root.id)
    await createFile(test, workspace, { name: 'b', content: 'b', parentId: root.id })
    expect([...entries].map(entry => entry.path)).toEqual(['fixed/', 'fixed/a'])
    expect([fileCount, contentBytes]).toEqual([1, 1])
    expect((await plan(root.id)).size).toBeGreaterThan(size)
  })
})
