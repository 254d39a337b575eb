import type { SpaceRole, WorkspaceRole } from '../src/features/access/access.policy.ts'
import type { TestApp } from './test-app.ts'
import { Buffer } from 'node:buffer'
import { createHash, randomUUIDv7 } from 'node:crypto'
import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { eq } from 'drizzle-orm'
import { hashSecret, newSecret } from '../src/crypto/secrets.ts'
import { sessions } from '../src/features/auth/sessions.table.ts'
import { instance } from '../src/features/instance/instance.table.ts'
import { nameKey, searchText } from '../src/features/items/item-name.ts'
import { fileVersions, items } from '../src/features/items/items.table.ts'
import { members } from '../src/features/members/members.table.ts'
import { objects } from '../src/features/objects/objects.table.ts'
import { grants, spaces } from '../src/features/spaces/spaces.table.ts'
import { users } from '../src/features/users/users.table.ts'
import { workspaces } from '../src/features/workspaces/workspaces.table.ts'

export interface TestUser { id: string, name: string, email: string, token: string, sessionId: string }
export interface TestWorkspace { id: string, slug: string, spaceId: string, rootId: string, owner: TestUser }

let counter = 0

/** A signed-in person; rows straight into the tables, so that a test depends on the feature it tests and no other. */
export async function createUser({ app, deps }: TestApp, options: { name?: string, isOperator?: boolean } = {}): Promise<TestUser> {
  const n = ++counter
  const now = deps.clock()
  const user = {
    id: randomUUIDv7(),
    name: options.name ?? `Person ${n}`,
    email: `person${n}@example.com`,
  }
  const sessionId = randomUUIDv7()
  await deps.db.insert(users).values({
    ...user,
    emailKey: user.email,
    isOperator: options.isOperator ?? false,
    createdAt: now,
  })
  await deps.db.insert(sessions).values({
    id: sessionId,
    userId: user.id,
    tokenHash: hashSecret(newSecret()),
    rotatedAt: now,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: new Date(now.getTime() + 30 * 86_400_000),
    // For as long as it lasts: no slow machine and no clock that is moved makes a dangerous act ask again. A test of that says so.
    steppedUpAt: new Date(now.getTime() + 30 * 86_400_000),
  })
  return {
    ...user,
    sessionId,
    // A new one each time, as a browser gets one: good whatever the test did to the clock.
    get token() { return app.tokens.signAccess({ userId: user.id, sessionId }) },
  }
}

/** Marks the instance as set up, with an operator. */
export async function setUpInstance(test: TestApp): Promise<TestUser> {
  await test.deps.db.insert(instance).values({
    name: 'Test instance',
    setUpAt: test.deps.clock(),
  }).onConflictDoNothing()
  return createUser(test, { name: 'Operator', isOperator: true })
}

export async function createWorkspace(test: TestApp, options: { owner?: TestUser, quotaBytes?: number } = {}): Promise<TestWorkspace> {
  const n = ++counter
  const { db } = test.deps
  const now = test.deps.clock()
  const owner = options.owner ?? await createUser(test)
  const [id, spaceId, rootId] = [
    randomUUIDv7(),
    randomUUIDv7(),
    randomUUIDv7(),
  ]
  const slug = `workspace-${n}`
  const name = `Workspace ${n}`
  await db.insert(workspaces).values({
    id,
    name,
    slug,
    quotaBytes: options.quotaBytes ?? null,
    createdAt: now,
  })
  await db.insert(spaces).values({
    id: spaceId,
    workspaceId: id,
    kind: 'team',
    name,
    rootFolderId: rootId,
    createdAt: now,
  })
  await db.insert(items).values({
    id: rootId,
    workspaceId: id,
    spaceId,
    parentId: null,
    kind: 'folder',
    name,
    nameKey: nameKey(name),
    searchText: searchText(name),
    createdBy: owner.id,
    createdAt: now,
    updatedAt: now,
  })
  await addMember(test, { id, rootId }, 'owner', { user: owner })
  return { id, slug, spaceId, rootId, owner }
}

export async function addMember(test: TestApp, workspace: { id: string, rootId: string }, role: WorkspaceRole, options: { user?: TestUser, spaceRole?: SpaceRole } = {}): Promise<TestUser> {
  const user = options.user ?? await createUser(test)
  const now = test.deps.clock()
  await test.deps.db.insert(members).values({
    id: randomUUIDv7(),
    workspaceId: workspace.id,
    userId: user.id,
    role,
    createdAt: now,
  })
  if (options.spaceRole) {
    await test.deps.db.insert(grants).values({
      id: randomUUIDv7(),
      workspaceId: workspace.id,
      folderId: workspace.rootId,
      userId: user.id,
      role: options.spaceRole,
      createdAt: now,
    })
  }
  return user
}

type InFolder = Pick<TestWorkspace, 'id' | 'spaceId' | 'rootId' | 'owner'>
interface ItemOptions { name: string, parentId?: string, createdBy?: TestUser }

async function insertItem({ deps }: TestApp, workspace: InFolder, kind: 'folder' | 'file', { name, parentId, createdBy }: ItemOptions): Promise<string> {
  const id = randomUUIDv7()
  const now = deps.clock()
  await deps.db.insert(items).values({
    id,
    workspaceId: workspace.id,
    spaceId: workspace.spaceId,
    parentId: parentId ?? workspace.rootId,
    kind,
    name,
    nameKey: nameKey(name),
    searchText: searchText(name),
    createdBy: (createdBy ?? workspace.owner).id,
    createdAt: now,
    updatedAt: now,
  })
  return id
}

export async function createFolder(test: TestApp, workspace: InFolder, options: ItemOptions): Promise<{ id: string, name: string }> {
  return { id: await insertItem(test, workspace, 'folder', options), name: options.name }
}

export interface TestFile { id: string, name: string, content: Buffer, sha256: string, objectKey: string, versionId: string }

/** A file with its bytes in the store. */
export async function createFile(test: TestApp, workspace: InFolder, options: ItemOptions & { content: string | Buffer, mediaType?: string, integrity?: 'pending' | 'verified' | 'failed' }): Promise<TestFile> {
  const { db, storage } = test.deps
  const now = test.deps.clock()
  const content = Buffer.from(options.content)
  const id = await insertItem(test, workspace, 'file', options)
  const versionId = randomUUIDv7()
  const objectKey = `${workspace.id}/${versionId}`
  const sha256 = createHash('sha256').update(content).digest('hex')
  const mediaType = options.mediaType ?? 'text/plain'
  await db.insert(objects).values({
    key: objectKey,
    workspaceId: workspace.id,
    state: 'committed',
    createdAt: now,
    touchedAt: now,
  })
  await storage.putObject(objectKey, Readable.from([content], { objectMode: false }), { size: content.length })
  await db.insert(fileVersions).values({
    id: versionId,
    workspaceId: workspace.id,
    itemId: id,
    number: 1,
    objectKey,
    sizeBytes: content.length,
    sha256: options.integrity === 'pending'
      ? null
      : sha256,
    crc32: crc32(content),
    integrity: options.integrity ?? 'verified',
    mediaType,
    createdBy: (options.createdBy ?? workspace.owner).id,
    createdAt: now,
  })
  await db.update(items).set({ versionId, sizeBytes: content.length, mediaType }).where(eq(items.id, id))
  return {
    id,
    name: options.name,
    content,
    sha256,
    objectKey,
    versionId,
  }
}
