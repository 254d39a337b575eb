import type { Tx } from '../../db/database.ts'
import type { ParsedName } from './item-name.ts'
import { violatedConstraint } from '../../db/db-errors.ts'
import { notFound } from '../../errors/common-errors.ts'
import { objectGone } from '../objects/objects.errors.ts'
import * as queries from './items-files.queries.ts'
import { freeName, nameTakenError } from './items.names.ts'

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
    /** The CRC-32 of each block; null until the bytes were read back. */
    blocks: Buffer | null
    mediaType: string
    lastModified: Date | null
  }
  /** Null: somebody without an account. */
  userId: string | null
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
  /** Another version of a file that was there. */
  isVersion: boolean
  /** Of the file, not of the version. */
  createdBy: string | null
}

/**
 * Makes stored bytes files of one workspace, or the next versions of some, inside the caller's transaction: all of them or, by the error of one,
 * none. New files cost the same few statements, however many there are. Access to the folder, the object (see `settleObjects`) and audit are the
 * caller's.
 * @throws {AppError} `item.name_taken`; `not_found` when the folder was deleted for ever; `conflict` when the object was given up and is gone
 */
export async function commitFiles(tx: Tx, inputs: readonly FileCommit[]): Promise<CommittedFile[]> {
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
      const existing = await queries.lockByName(tx, { workspaceId: input.workspaceId, parentId: input.parentId, key: input.name.key })
      if (existing) return addVersion(tx, input, existing)
    }
    const made = (await insertFiles(tx, [input])).get(input)
    if (made) return made
    // Somebody took the name first: replace it then, or look for the next free one.
  }
}

async function addVersion(tx: Tx, input: FileCommit, existing: queries.Named): Promise<CommittedFile> {
  if (existing.kind === 'folder') throw nameTakenError(input.name.name)
  await input.requireChange?.(tx, existing.id)
  const versionNumber = await queries.lastVersionNumber(tx, existing.id) + 1
  await queries.insertVersion(tx, versionRow(input, existing.id, versionNumber)).catch(explainMissing)
  return {
    itemId: existing.id,
    name: existing.name,
    versionNumber,
    isVersion: true,
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
  const files = await Promise.all(inOrder.map(async (input) => {
    const itemId = input.newId()
    return {
      input,
      itemId,
      version: versionRow(input, itemId, 1),
      name: input.onConflict === 'rename'
        ? await freeName(tx, input.workspaceId, input.parentId, input.name, 'file')
        : input.name,
    }
  }))
  const ids = await queries.insertFiles(tx, files.map(({ input: { workspaceId, spaceId, parentId, object, userId, now }, itemId, version, name }) => ({
    id: itemId,
    workspaceId,
    spaceId,
    parentId,
    kind: 'file',
    name: name.name,
    nameKey: name.key,
    searchText: name.search,
    versionId: version.id,
    sizeBytes: object.size,
    mediaType: object.mediaType,
    createdBy: userId,
    createdAt: now,
    updatedAt: now,
  })), files.map(({ version }) => version)).catch(explainMissing)
  for (const { input, itemId, name } of files) {
    if (!ids.has(itemId)) continue
    made.set(input, {
      itemId,
      name: name.name,
      versionNumber: 1,
      isVersion: false,
      createdBy: input.userId,
    })
  }
  return made
}

/** What a version refers to may have gone while its bytes came. */
function explainMissing(error: unknown): never {
  switch (violatedConstraint(error)) {
    case 'items_parent_id_items_id_fk': throw notFound('The folder was deleted')
    case 'file_versions_object_key_objects_key_fk': throw objectGone()
    default: throw error
  }
}

function versionRow({ workspaceId, object, userId, now, newId }: FileCommit, itemId: string, number: number) {
  return {
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
  }
}
