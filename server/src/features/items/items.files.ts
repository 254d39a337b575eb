import type { Tx } from '../../db/database.ts'
import type { ParsedName } from './item-name.ts'
import { and, eq, inArray, isNull, max, sql } from 'drizzle-orm'
import { violatedConstraint } from '../../db/db-errors.ts'
import { conflict, notFound } from '../../errors/common-errors.ts'
import { freeName, nameTakenError } from './items.names.ts'
import { fileVersions, items, objects } from './items.table.ts'

export interface FileCommit {
  workspaceId: string
  spaceId: string
  parentId: string
  name: ParsedName
  onConflict: 'fail' | 'rename' | 'replace'
  object: {
    key: string
    /** Bytes. */
    size: number
    /** Lower-case hex; null until the bytes were read back. */
    sha256: string | null
    crc32: number | null
    mediaType: string
    lastModified: Date | null
  }
  userId: string
  now: Date
  newId: () => string
  /**
   * Called with the file that `replace` would give a new version, its row locked. Throws when the person may not `change` it:
   * only here is it known for sure which file that is.
   */
  requireChange?: (tx: Tx, itemId: string) => Promise<unknown>
}

export interface CommittedFile {
  itemId: string
  /** As it is called now: another one than asked for by `rename`, in another case by `replace`. */
  name: string
  versionNumber: number
  action: 'file.uploaded' | 'file.version_added'
  /** Of the file, not of the version. */
  createdBy: string | null
}

/**
 * Makes stored bytes a file, or the next version of one, inside the caller's transaction. Access to the folder, quota and audit are the
 * caller's.
 * @throws {AppError} `item.name_taken`; `not_found` when the folder was deleted for ever; `conflict` when the object is no longer staged
 */
export async function commitFile(tx: Tx, input: FileCommit): Promise<CommittedFile> {
  const [file] = await commitFiles(tx, [input])
  return file!
}

/** The same for several of one workspace: all of them or, by the error of one, none. New files cost the same few statements, however many there are. */
export async function commitFiles(tx: Tx, inputs: readonly FileCommit[]): Promise<CommittedFile[]> {
  await commitObjects(tx, inputs)
  const made = await insertFiles(tx, inputs.filter(input => input.onConflict === 'fail'))
  for (const input of inputs) {
    const file = made.get(input) ?? await commitOver(tx, input)
    made.set(input, file)
  }
  return inputs.map(input => made.get(input)!)
}

/** Where the name may be taken: then that file gets a version, or this one another name. */
async function commitOver(tx: Tx, input: FileCommit): Promise<CommittedFile> {
  if (input.onConflict === 'fail') throw nameTakenError(input.name.name)
  for (;;) {
    if (input.onConflict === 'replace') {
      const existing = await lockByName(tx, input)
      if (existing) return addVersion(tx, input, existing)
    }
    const made = (await insertFiles(tx, [input])).get(input)
    if (made) return made
    // Somebody took the name first: replace it then, or look for the next free one.
  }
}

/** An object that the sweep has doomed must not become a file: its bytes are going away. */
async function commitObjects(tx: Tx, inputs: readonly FileCommit[]): Promise<void> {
  const { workspaceId, now } = inputs[0]!
  const keys = inputs.map(({ object }) => object.key)
  const committed = await tx
    .update(objects)
    .set({ state: 'committed', touchedAt: now })
    .where(and(inArray(objects.key, keys), eq(objects.workspaceId, workspaceId), eq(objects.state, 'staged')))
    .returning({ key: objects.key })
  if (committed.length !== keys.length) throw conflict('What was uploaded is no longer there; upload it again')
}

interface Named { id: string, kind: 'folder' | 'file', name: string, createdBy: string | null }

async function lockByName(tx: Tx, { workspaceId, parentId, name }: FileCommit): Promise<Named | undefined> {
  const [row] = await tx
    .select({
      id: items.id,
      kind: items.kind,
      name: items.name,
      createdBy: items.createdBy,
    })
    .from(items)
    .where(and(eq(items.workspaceId, workspaceId), eq(items.parentId, parentId), eq(items.nameKey, name.key), isNull(items.trashedAt)))
    .for('update')
  return row
}

async function addVersion(tx: Tx, input: FileCommit, existing: Named): Promise<CommittedFile> {
  if (existing.kind === 'folder') throw nameTakenError(input.name.name)
  await input.requireChange?.(tx, existing.id)
  const [last] = await tx.select({
    number: max(fileVersions.number),
  }).from(fileVersions).where(eq(fileVersions.itemId, existing.id))
  const versionNumber = (last?.number ?? 0) + 1
  await setVersions(tx, [
    { input, itemId: existing.id, number: versionNumber },
  ])
  return {
    itemId: existing.id,
    name: existing.name,
    versionNumber,
    action: 'file.version_added',
    createdBy: existing.createdBy,
  }
}

const compare = (a: string, b: string) => Number(a > b) - Number(a < b)

/** Without those whose names are taken. */
async function insertFiles(tx: Tx, inputs: readonly FileCommit[]): Promise<Map<FileCommit, CommittedFile>> {
  const made = new Map<FileCommit, CommittedFile>()
  if (inputs.length === 0) return made
  // In one order, so that two transactions with the same names do not wait for each other.
  const inOrder = [...inputs].sort((a, b) => compare(a.parentId, b.parentId) || compare(a.name.key, b.name.key))
  const files = await Promise.all(inOrder.map(async input => ({
    input,
    itemId: input.newId(),
    name: input.onConflict === 'rename'
      ? await freeName(tx, input.workspaceId, input.parentId, input.name, 'file')
      : input.name,
  })))
  const inserted = await tx
    .insert(items)
    .values(files.map(({ input: { workspaceId, spaceId, parentId, object, userId, now }, itemId, name }) => ({
      id: itemId,
      workspaceId,
      spaceId,
      parentId,
      kind: 'file' as const,
      name: name.name,
      nameKey: name.key,
      sizeBytes: object.size,
      mediaType: object.mediaType,
      revision: 0,
      createdBy: userId,
      createdAt: now,
      updatedAt: now,
    })))
    .onConflictDoNothing({
      target: [items.parentId, items.nameKey],
      where: isNull(items.trashedAt),
    })
    .returning({ id: items.id })
    .catch((error: unknown) => {
      throw violatedConstraint(error) === 'items_parent_id_items_id_fk'
        ? notFound('The folder was deleted')
        : error
    })
  const ids = new Set(inserted.map(({ id }) => id))
  const fresh = files.filter(({ itemId }) => ids.has(itemId))
  await setVersions(tx, fresh.map(({ input, itemId }) => ({ input, itemId, number: 1 })))
  for (const { input, itemId, name } of fresh) {
    made.set(input, {
      itemId,
      name: name.name,
      versionNumber: 1,
      action: 'file.uploaded',
      createdBy: input.userId,
    })
  }
  return made
}

async function setVersions(tx: Tx, versions: readonly { input: FileCommit, itemId: string, number: number }[]): Promise<void> {
  if (versions.length === 0) return
  const made = tx.$with('made').as(tx.insert(fileVersions).values(versions.map(({ input: { workspaceId, object, userId, now, newId }, itemId, number }) => ({
    id: newId(),
    workspaceId,
    itemId,
    number,
    objectKey: object.key,
    sizeBytes: object.size,
    sha256: object.sha256,
    crc32: object.crc32,
    integrity: object.sha256 === null
      ? 'pending' as const
      : 'verified' as const,
    mediaType: object.mediaType,
    lastModifiedAt: object.lastModified,
    createdBy: userId,
    createdAt: now,
  }))).returning())
  await tx
    .with(made)
    .update(items)
    .set({
      versionId: made.id,
      sizeBytes: made.sizeBytes,
      mediaType: made.mediaType,
      revision: sql`${items.revision} + 1`,
      updatedAt: made.createdAt,
    })
    .from(made)
    .where(eq(items.id, made.itemId))
}
