import type { Db } from '../../db/database.ts'
import type { TreeRow } from './downloads.queries.ts'
import type { ZipEntry } from './zip.ts'
import { fileCorrupt } from '../items/items.errors.ts'
import { createFolderNames } from './archive-names.ts'
import { archiveTooLarge } from './downloads.errors.ts'
import * as queries from './downloads.queries.ts'
import { zipLength } from './zip.ts'

/** Each is a name and a key in memory until the archive is sent: some tens of megabytes for so many. */
const MAX_ARCHIVE_ENTRIES = 100_000
const PAGE = 5000
const FOLDERS_AT_ONCE = 500
/** What a name may take in a ZIP. */
const MAX_PATH_BYTES = 65_535

export interface ArchiveRoot {
  id: string
  /** Everything below may be downloaded; else each file is asked for. */
  whole: boolean
}

export interface ArchiveEntry extends ZipEntry { objectKey: string }

export interface ArchivePlan {
  /** Exact length of the ZIP in bytes. */
  size: number
  fileCount: number
  contentBytes: number
  /** Files that were left out because they may not be downloaded. */
  leftOut: number
  entries: Iterable<ArchiveEntry> & { readonly length: number }
}

/** One line of the archive, kept small: its path is put together when it is written. */
interface Node {
  parent: Node | null
  name: string
  /** Null: a folder. */
  objectKey: string | null
  size: number
  crc32: number | null
  modifiedAt: number
}

interface Place { parent: Node | null, whole: boolean }
interface OpenFolder { node: Node, whole: boolean }

/**
 * Fixes what an archive holds, before its first byte: only so is its length known. What changes afterwards does not change it.
 * Folders, the empty ones too, come before what they hold.
 * @param mayDownload of these files, those that may be; not asked below a root that may be had whole
 * @throws {AppError} `archive.too_large`; `file.corrupt`, which names the file
 */
export async function planArchive({ db, workspaceId, roots, mayDownload, onFile, maxEntries = MAX_ARCHIVE_ENTRIES }: {
  db: Db
  workspaceId: string
  roots: readonly ArchiveRoot[]
  mayDownload: (fileIds: string[]) => Promise<ReadonlySet<string>>
  /** Told of each file that is in it. */
  onFile?: (fileId: string) => void
  maxEntries?: number
}): Promise<ArchivePlan> {
  const nodes: Node[] = []
  let leftOut = 0
  let fileCount = 0
  let contentBytes = 0

  /** Adds what may be added, and gives back the folders among it. */
  async function add(rows: readonly TreeRow[], placeOf: (row: TreeRow) => Place, nameOf: (row: TreeRow) => string): Promise<[string, OpenFolder][]> {
    const asked = rows.filter(row => row.kind === 'file' && !placeOf(row).whole).map(row => row.id)
    const allowed = asked.length === 0
      ? new Set<string>()
      : await mayDownload(asked)
    const folders: [string, OpenFolder][] = []
    for (const row of rows) {
      const { parent, whole } = placeOf(row)
      if (row.kind === 'file' && row.objectKey === null) continue
      if (row.kind === 'file' && !whole && !allowed.has(row.id)) {
        leftOut++
        continue
      }
      const node: Node = {
        parent,
        name: nameOf(row),
        objectKey: row.objectKey,
        size: row.sizeBytes ?? 0,
        crc32: row.crc32,
        modifiedAt: (row.kind === 'file'
          ? row.modifiedAt
          : row.updatedAt).getTime(),
      }
      if (row.integrity === 'failed') throw fileCorrupt(`“${pathOf(node)}” is not what was uploaded, so no archive with it can be made`)
      if (nodes.length === maxEntries) throw archiveTooLarge(`An archive can hold at most ${maxEntries} files and folders; choose fewer`)
      if (Buffer.byteLength(pathOf(node)) > MAX_PATH_BYTES) throw archiveTooLarge('The folders are nested too deep for an archive')
      nodes.push(node)
      if (row.kind === 'folder') {
        folders.push([
          row.id,
          { node, whole },
        ])
      }
      else {
        fileCount++
        onFile?.(row.id)
        contentBytes += node.size
      }
    }
    return folders
  }

  const wholeRoots = new Map(roots.map(root => [root.id, root.whole]))
  const rootName = createFolderNames()
  const rootRows = await queries.listTreeItems(db, workspaceId, roots.map(root => root.id))
  let level = await add(rootRows, row => ({
    parent: null,
    whole: wholeRoots.get(row.id)!,
  }), row => rootName(row.name, row.kind))
  while (level.length > 0) {
    const next: [string, OpenFolder][] = []
    for (let from = 0; from < level.length; from += FOLDERS_AT_ONCE) {
      const folders = new Map(level.slice(from, from + FOLDERS_AT_ONCE))
      const nameOf = namesByFolder()
      const placeOf = (row: TreeRow): Place => {
        const { node, whole } = folders.get(row.parentId!)!
        return { parent: node, whole }
      }
      for await (const rows of childrenOf(db, workspaceId, [
        ...folders.keys(),
      ])) next.push(...await add(rows, placeOf, nameOf))
    }
    level = next
  }

  const entries = {
    length: nodes.length,
    * [Symbol.iterator]() {
      for (const node of nodes) {
        yield {
          path: pathOf(node),
          size: node.size,
          crc32: node.crc32,
          modifiedAt: new Date(node.modifiedAt),
          objectKey: node.objectKey ?? '',
        }
      }
    },
  }
  return {
    size: zipLength(entries),
    fileCount,
    contentBytes,
    leftOut,
    entries,
  }
}

/** Rows come folder by folder, so the names of one folder are all that is remembered. */
function namesByFolder(): (row: TreeRow) => string {
  let folder: string | null = null
  let nameFor = createFolderNames()
  return (row) => {
    if (row.parentId !== folder) nameFor = createFolderNames()
    folder = row.parentId
    return nameFor(row.name, row.kind)
  }
}

async function* childrenOf(db: Db, workspaceId: string, folderIds: string[]): AsyncGenerator<TreeRow[]> {
  let after: { parentId: string, id: string } | undefined
  for (;;) {
    const rows = await queries.listTreeChildren(db, workspaceId, folderIds, after, PAGE)
    if (rows.length > 0) yield rows
    if (rows.length < PAGE) return
    const last = rows.at(-1)!
    after = { parentId: last.parentId!, id: last.id }
  }
}

function pathOf(node: Node): string {
  let path = node.objectKey === null
    ? `${node.name}/`
    : node.name
  for (let above = node.parent; above; above = above.parent) path = `${above.name}/${path}`
  return path
}
