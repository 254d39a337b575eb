import type { Executor } from '../../db/database.ts'
import type { ParsedName } from './item-name.ts'
import type { Item } from './items.schemas.ts'
import { numberedName, toParsedName } from './item-name.ts'
import * as queries from './items-tree.queries.ts'
import { nameTaken } from './items.errors.ts'

/** Unique among what is not in the trash. */
export const NAME_CONSTRAINT = 'items_parent_id_name_key_unique'
const CANDIDATES_AT_ONCE = 50

/** @param existing what has the name, for whoever may see it */
export function nameTakenError(name: string, existing?: Item): ReturnType<typeof nameTaken> {
  const detail = `There is already something called “${name}” here`
  return nameTaken({
    detail,
    fields: [
      { pointer: '/name', detail },
    ],
    ...existing && {
      extra: { existing },
    },
  })
}

/** Which of these keys a folder's living items have. */
export async function listTakenKeys(db: Executor, workspaceId: string, parentId: string, keys: string[]): Promise<Set<string>> {
  return new Set(keys.length === 0
    ? []
    : (await queries.listNamed(db, workspaceId, parentId, keys)).map(({ key }) => key))
}

/** Something and the folder that it is to be in. */
interface Placing { item: { name: string, kind: 'file' | 'folder' }, parentId: string }

/**
 * For what goes into folders together: each keeps its name, or with `rename` gets a free one.
 * @throws {AppError} `item.name_taken`
 */
export async function placeNames<T extends Placing>(db: Executor, workspaceId: string, placing: readonly T[], onConflict: 'fail' | 'rename'): Promise<(T & { name: ParsedName })[]> {
  const wanted = placing.map(each => ({
    ...each,
    name: toParsedName(each.item.name),
  }))
  const taken = new Map<string, Set<string>>(wanted.map(({ parentId }) => [
    parentId,
    new Set(),
  ]))
  for (const { parentId, key } of await queries.listTaken(db, workspaceId, wanted.map(({ parentId, name }) => ({ parentId, key: name.key })))) taken.get(parentId)!.add(key)
  for (const each of wanted) {
    const there = taken.get(each.parentId)!
    if (there.has(each.name.key)) {
      if (onConflict === 'fail') throw nameTakenError(each.name.name)
      each.name = await freeName(db, workspaceId, each.parentId, each.name, each.item.kind, there)
    }
    there.add(each.name.key)
  }
  return wanted
}

/** The n-th to the last name of so many that a new item may get: `Report.pdf`, `Report (2).pdf`, … */
const candidatesFrom = (n: number, wanted: ParsedName, kind: 'file' | 'folder') => Array.from({ length: CANDIDATES_AT_ONCE }, (_, i) => (n + i === 1
  ? wanted
  : toParsedName(numberedName(wanted.name, n + i, kind))))

/**
 * For a folder that is to be merged with the one of its name: the first of `Report`, `Report (2)`, … that is no file's.
 * @returns the name, and the folder that has it, if there is one
 */
export async function folderName(db: Executor, workspaceId: string, parentId: string, wanted: ParsedName): Promise<{ name: ParsedName, id?: string }> {
  for (let n = 1; ; n += CANDIDATES_AT_ONCE) {
    const candidates = candidatesFrom(n, wanted, 'folder')
    const there = new Map((await queries.listNamed(db, workspaceId, parentId, candidates.map(({ key }) => key))).map(item => [item.key, item]))
    const name = candidates.find(({ key }) => there.get(key)?.kind !== 'file')
    if (name) {
      return { name, id: there.get(name.key)?.id }
    }
  }
}

/**
 * The first of `Report.pdf`, `Report (2).pdf`, `Report (3).pdf` … that is free in a folder. Another transaction may still take it first:
 * the unique index decides.
 * @param spoken Keys that the caller gives away in the same transaction
 */
export async function freeName(db: Executor, workspaceId: string, parentId: string, wanted: ParsedName, kind: 'file' | 'folder', spoken: ReadonlySet<string> = new Set()): Promise<ParsedName> {
  for (let n = 1; ; n += CANDIDATES_AT_ONCE) {
    const candidates = candidatesFrom(n, wanted, kind)
    const taken = await listTakenKeys(db, workspaceId, parentId, candidates.map(({ key }) => key))
    const free = candidates.find(({ key }) => !taken.has(key) && !spoken.has(key))
    if (free) return free
  }
}
