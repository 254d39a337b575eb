import type { Tx } from '../../db/database.ts'
import type { ParsedName } from './item-name.ts'
import { and, eq, isNull, max, sql } from 'drizzle-orm'
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
}

/**
 * Makes stored bytes a file, or the next version of one, inside the caller's transaction. Access to the folder, quota and audit are the
 * caller's.
 * @throws {AppError} `item.name_taken`; `not_found` when the folder was deleted for ever; `conflict` when the object is no longer staged
 */
export async function commitFile(tx: Tx, input: FileCommit): Promise<CommittedFile> {
  await commitObject(tx, input)
  for (;;) {
    if (input.onConflict === 'replace') {
      const existing = await lockByName(tx, input)
      if (existing) return addVersion(tx, input, existing)
    }
    const made = await insertFile(tx, input)
    if (made) return made
    // Somebody took the name first: replace it then, or look for the next free one.
    if (input.onConflict === 'fail') throw nameTakenError(input.name.name)
  }
}

/** An object that the sweep has doomed must not become a file: its bytes are going away. */
async function commitObject(tx: Tx, { workspaceId, object, now }: FileCommit): Promise<void> {
  const committed = await tx
    .update(objects)
    .set({ state: 'committed', touchedAt: now })
    .where(and(eq(objects.key, object.key), eq(objects.workspaceId, workspaceId), eq(objects.state, 'staged')))
    .returning({ key: objects.key })
  if (committed.length === 0) throw conflict('What was uploaded is no longer there; upload it again')
}

interface Named { id: string, kind: 'folder' | 'file', name: string }

async function lockByName(tx: Tx, { workspaceId, parentId, name }: FileCommit): Promise<Named | undefined> {
  const [row] = await tx
    .select({ id: items.id, kind: items.kind, name: items.name })
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
  await setVersion(tx, input, existing.id, versionNumber)
  return {
    itemId: existing.id,
    name: existing.name,
    versionNumber,
    action: 'file.version_added',
  }
}

/** Undefined when the name is taken. */
async function insertFile(tx: Tx, input: FileCommit): Promise<CommittedFile | undefined> {
  const { workspaceId, spaceId, parentId, object, userId, now, newId } = input
  const { name, key } = input.onConflict === 'rename'
    ? await freeName(tx, workspaceId, parentId, input.name, 'file')
    : input.name
  const itemId = newId()
  const made = await tx
    .insert(items)
    .values({
      id: itemId,
      workspaceId,
      spaceId,
      parentId,
      kind: 'file',
      name,
      nameKey: key,
      sizeBytes: object.size,
      mediaType: object.mediaType,
      revision: 0,
      createdBy: userId,
      createdAt: now,
      updatedAt: now,
    })
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
  if (made.length === 0) return undefined
  await setVersion(tx, input, itemId, 1)
  return {
    itemId,
    name,
    versionNumber: 1,
    action: 'file.uploaded',
  }
}

async function setVersion(tx: Tx, { workspaceId, object, userId, now, newId }: FileCommit, itemId: string, number: number): Promise<void> {
  const versionId = newId()
  const version = tx.$with('version').as(tx.insert(fileVersions).values({
    id: versionId,
    workspaceId,
    itemId,
    number,
    objectKey: object.key,
    sizeBytes: object.size,
    sha256: object.sha256,
    integrity: object.sha256 === null
      ? 'pending'
      : 'verified',
    mediaType: object.mediaType,
    lastModifiedAt: object.lastModified,
    createdBy: userId,
    createdAt: now,
  }).returning({ id: fileVersions.id }))
  await tx
    .with(version)
    .update(items)
    .set({
      versionId,
      sizeBytes: object.size,
      mediaType: object.mediaType,
      revision: sql`${items.revision} + 1`,
      updatedAt: now,
    })
    .where(eq(items.id, itemId))
}
