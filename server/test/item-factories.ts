import type { Tx } from '../src/db/database.ts'
import type { CommittedFile, FileCommit } from '../src/features/items/items.files.ts'
import type { TestUser } from './factories.ts'
import type { TestApp } from './test-app.ts'
import { createHash, randomUUIDv7 } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { nameKey, parseItemName, searchText } from '../src/features/items/item-name.ts'
import { commitFiles } from '../src/features/items/items.files.ts'
import { items } from '../src/features/items/items.table.ts'
import { settleObjects } from '../src/features/objects/objects.service.ts'
import { objects } from '../src/features/objects/objects.table.ts'

export interface Place { workspaceId: string, spaceId: string, parentId: string }

/** A folder as a row, whatever its name. */
export async function createFolderRow({ deps }: TestApp, place: Place, name: string, createdBy: TestUser): Promise<Place & { id: string }> {
  const id = randomUUIDv7()
  const now = deps.clock()
  await deps.db.insert(items).values({
    id,
    ...place,
    kind: 'folder',
    name,
    nameKey: nameKey(name),
    searchText: searchText(name),
    createdBy: createdBy.id,
    createdAt: now,
    updatedAt: now,
  })
  return { ...place, id }
}

/** An object as an upload leaves it before its commit. */
export async function stageObject({ deps }: TestApp, workspaceId: string): Promise<string> {
  const key = `w/${workspaceId}/${randomUUIDv7()}`
  const now = deps.clock()
  await deps.db.insert(objects).values({
    key,
    workspaceId,
    state: 'staged',
    createdAt: now,
    touchedAt: now,
  })
  return key
}

/** One file of its own. */
export async function commitFile(tx: Tx, input: FileCommit): Promise<CommittedFile> {
  const [file] = await commitFiles(tx, [input])
  return file!
}

/** What an upload hands to `commitFiles`; without bytes in the store. */
export async function fileCommit(test: TestApp, place: Place, name: string, user: TestUser, options: { size?: number, onConflict?: FileCommit['onConflict'], sha256?: string | null } = {}): Promise<FileCommit> {
  return {
    ...place,
    name: parseItemName(name),
    onConflict: options.onConflict ?? 'fail',
    object: {
      key: await stageObject(test, place.workspaceId),
      size: options.size ?? 1,
      sha256: options.sha256 === undefined
        ? createHash('sha256').update(name).digest('hex')
        : options.sha256,
      crc32: null,
      blocks: null,
      mediaType: 'text/plain',
      lastModified: null,
    },
    userId: user.id,
    now: test.deps.clock(),
    newId: test.deps.newId,
  }
}

/** A committed file whose bytes nobody reads, counted in the workspace's usage. */
export async function createFileRow(test: TestApp, place: Place, name: string, user: TestUser, options: Parameters<typeof fileCommit>[4] = {}): Promise<{ id: string, key: string }> {
  const commit = await fileCommit(test, place, name, user, options)
  const { itemId } = await test.deps.db.transaction(async (tx: Tx) => {
    const file = await commitFile(tx, commit)
    await settleObjects(tx, place.workspaceId, [commit.object], commit.now)
    return file
  })
  return { id: itemId, key: commit.object.key }
}

/** The payloads waiting in a queue, in no order. */
export async function queuedPayloads<T>({ deps }: TestApp, name: string): Promise<T[]> {
  const { rows } = await deps.db.execute<{ data: T } & Record<string, unknown>>(sql`select data from pgboss.job where name = ${name}`)
  return rows.map(({ data }) => data)
}
