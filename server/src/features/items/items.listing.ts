import type { Db } from '../../db/database.ts'
import type { CursorPart } from '../../http/cursor.ts'
import type { ItemAction } from '../access/access.policy.ts'
import type { AccessService, Member } from '../access/access.service.ts'
import type { Order, Position, SortField } from './items.queries.ts'
import type { ItemDetail, ItemListQuery, ItemSelection, ItemSelectionQuery, ListedItem, TrashedItem } from './items.schemas.ts'
import { decodeCursor, encodeCursor, wrongCursor } from '../../http/cursor.ts'
import { scopeOf } from '../access/access.policy.ts'
import { searchWords } from './item-name.ts'
import { personOf, presentItem, presentItems, toItem, toldSharing } from './items.presenter.ts'
import * as queries from './items.queries.ts'
import { MOST_AT_ONCE } from './items.schemas.ts'

type ListedRow = Awaited<ReturnType<typeof queries.pageOfFolder>>[number] & { wayIds: string[], wayNames?: string[] }

/** After which of the listed it goes on. */
type ListPosition = Position & { kind: 'folder' | 'file' }

export interface ItemPage<T> { items: T[], nextCursor: string | null }

/** What can be read. */
export interface ItemsListing {
  /**
   * Folders first, then by `sort`; keyset pages. Without `parentId` and `q`: the folders where the person's part of the workspace begins,
   * which are the spaces' root folders unless something deeper was granted.
   */
  list: (member: Member, query: ItemListQuery) => Promise<ItemPage<ListedItem>>
  /** All of the same list in its order, as far as one request can name it. */
  select: (member: Member, query: ItemSelectionQuery) => Promise<ItemSelection>
  get: (userId: string, itemId: string) => Promise<ItemDetail>
  /** What was deleted itself (not what lies in it), if the person may change it; newest first. */
  listTrash: (member: Member, query: { limit?: number, cursor?: string }) => Promise<ItemPage<TrashedItem>>
}

const DEFAULT_LIMIT = 50
const kinds = ['folder', 'file'] as const
const partOf: Record<SortField, CursorPart> = { name: 'string', updatedAt: 'instant', size: 'number' }

export function createItemsListing({ db, access, clock }: { db: Db, access: AccessService, clock: () => Date }): ItemsListing {
  /** What is listed, for its pages and for all of it: a folder, what a search finds, or where the person's part of the workspace begins. */
  async function open({ workspaceId, userId }: Member, { parentId, q, sort = 'name' }: ItemSelectionQuery) {
    const folder = parentId === undefined
      ? undefined
      : await access.requireItem(userId, parentId, { action: 'see', workspaceId, kind: 'folder' })
    const standing = await access.standingOf(userId, workspaceId)
    const scope = {
      workspaceId,
      userId,
      reach: standing.reach('see'),
    }
    const order = parseSort(sort)
    const search = q === undefined
      ? undefined
      : {
          words: searchWords(q),
          below: folder?.id,
        }
    const ownFilesOf = folder && scopeOf(folder.roles, 'see') === 'own'
      ? userId
      : undefined

    async function page(kind: 'folder' | 'file', from: ListPosition | undefined, limit: number): Promise<ListedRow[]> {
      const options = {
        kind,
        order,
        after: from?.kind === kind
          ? from
          : undefined,
        limit,
      }
      if (search) {
        return search.words.length === 0
          ? []
          : queries.pageOfMatches(db, scope, search, options)
      }
      if (!folder) return queries.pageOfBeginnings(db, scope, options)
      const way = folder.path.map(step => step.id)
      return (await queries.pageOfFolder(db, workspaceId, folder.id, ownFilesOf, options)).map(row => ({
        ...row,
        wayIds: [...way, row.id],
      }))
    }

    return {
      standing,

      /** Folders first. */
      async rows(from: ListPosition | undefined, limit: number): Promise<ListedRow[]> {
        const rows: ListedRow[] = []
        for (const kind of kinds.slice(from
          ? kinds.indexOf(from.kind)
          : 0)) {
          if (rows.length < limit) rows.push(...await page(kind, from, limit - rows.length))
        }
        return rows
      },

      count(): Promise<number> {
        if (search) return queries.countOfMatches(db, scope, search)
        return folder
          ? queries.countOfFolder(db, workspaceId, folder.id, ownFilesOf)
          : queries.countOfBeginnings(db, scope)
      },
    }
  }

  return {
    async list(member, query) {
      const limit = query.limit ?? DEFAULT_LIMIT
      const { field } = parseSort(query.sort ?? 'name')
      const from = decodePosition(query.cursor, query.sort ?? 'name')
      const { standing, rows: rowsFrom } = await open(member, query)
      // One more than the page tells whether there is another.
      const rows = await rowsFrom(from, limit + 1)
      const shown = rows.slice(0, limit)
      const last = rows.length > limit
        ? shown.at(-1)
        : undefined
      const items = await presentItems(db, shown.map(row => ({
        ...row,
        permissions: standing.permissionsAt(row.wayIds, row),
        memberRole: standing.memberRole,
      })), clock())
      const paths = new Map(shown.map(({ id, wayIds, wayNames }) => [
        id,
        wayNames && visiblePart(wayTo({ wayIds, wayNames }), ids => standing.permissionsAt(ids, { kind: 'folder', createdBy: null })),
      ]))
      return {
        items: items.map(item => ({
          ...item,
          path: paths.get(item.id),
        })),
        nextCursor: last
          ? encodeCursor([
              query.sort ?? 'name',
              last.kind,
              valueOf(last, field),
              last.id,
            ])
          : null,
      }
    },

    async select(member, query) {
      const { standing, rows: rowsFrom, count } = await open(member, query)
      const rows = await rowsFrom(undefined, MOST_AT_ONCE + 1)
      const isCut = rows.length > MOST_AT_ONCE
      const chosen = rows.slice(0, MOST_AT_ONCE)
      const sharing = new Map((await queries.listSharing(db, chosen.map(({ id }) => id), clock())).map(each => [each.id, each]))
      return {
        items: chosen.map(row => ({
          id: row.id,
          kind: row.kind,
          name: row.name,
          parentId: row.parentId,
          size: row.sizeBytes,
          linkCount: toldSharing(sharing.get(row.id) ?? { linkCount: 0, inheritedLinkCount: 0 }, standing.memberRole).linkCount,
          permissions: standing.permissionsAt(row.wayIds, row),
        })),
        total: isCut
          ? await count()
          : rows.length,
      }
    },

    async get(userId, itemId) {
      const item = await access.requireItem(userId, itemId, { action: 'see' })
      const now = clock()
      const steps = stepsFrom(item.path, item.seenFrom)
      const shown = await presentItem(db, item, now)
      const { linkCount, inheritedLinkCount } = shown
      // What no link shows has none on its way.
      const sharing = new Map((linkCount || inheritedLinkCount
        ? await queries.listSharing(db, steps.map(({ id }) => id), now)
        : []).map(each => [each.id, each]))
      return {
        ...shown,
        path: steps.map(step => ({
          ...step,
          ...step.id === item.id
            ? { linkCount, inheritedLinkCount }
            : toldSharing(sharing.get(step.id) ?? { linkCount: 0, inheritedLinkCount: 0 }, item.memberRole),
        })),
      }
    },

    async listTrash({ workspaceId, userId }, { limit = DEFAULT_LIMIT, cursor }) {
      const [trashedAt, id] = decodeCursor(cursor, ['instant', 'id']) ?? []
      const after = cursor === undefined
        ? undefined
        : {
            trashedAt: new Date(String(trashedAt)),
            id: String(id),
          }
      const standing = await access.standingOf(userId, workspaceId)
      const rows = await queries.pageOfTrash(db, {
        workspaceId,
        userId,
        reach: standing.reach('change'),
      }, { after, limit: limit + 1 })
      const shown = rows.slice(0, limit)
      const last = rows.length > limit
        ? shown.at(-1)
        : undefined
      const details = new Map((await queries.listPresented(db, workspaceId, shown.map(row => row.id), clock())).map(row => [row.id, row]))
      return {
        items: shown.flatMap((row) => {
          const detail = details.get(row.id)
          // Restored or deleted for ever between the two queries.
          if (!detail?.trashedAt) return []
          return [
            {
              ...toItem(detail, {
                permissions: standing.permissionsAt(row.wayIds, row),
                memberRole: standing.memberRole,
              }),
              trashedAt: detail.trashedAt.toISOString(),
              trashedBy: personOf(detail.trashedBy, detail.trashedByName),
              originalPath: visiblePart(wayTo(row), ids => standing.permissionsAt(ids, { kind: 'folder', createdBy: null })),
            },
          ]
        }),
        nextCursor: last
          ? encodeCursor([
              last.trashedAt!.toISOString(),
              last.id,
            ])
          : null,
      }
    },
  }
}

/** From the top down to the folder that holds it. */
const wayTo = ({ wayIds, wayNames }: { wayIds: string[], wayNames: string[] }) => wayIds.map((id, depth) => ({ id, name: wayNames[depth]! })).slice(0, -1)

/** A path without the folders above the first that the person may see: their names are not theirs to know. */
function visiblePart(path: readonly { id: string, name: string }[], permissionsAt: (ids: string[]) => ItemAction[]): { id: string, name: string }[] {
  return stepsFrom(path, path.findIndex((_, depth) => permissionsAt(path.slice(0, depth + 1).map(step => step.id)).includes('see')))
}

const stepsFrom = (path: readonly { id: string, name: string }[], first: number) => first === -1
  ? []
  : path.slice(first).map(({ id, name }) => ({ id, name }))

function parseSort(sort: NonNullable<ItemListQuery['sort']>): Order {
  const descending = sort.startsWith('-')
  return {
    field: (descending
      ? sort.slice(1)
      : sort) as SortField,
    descending,
  }
}

function valueOf(row: { name: string, updatedAt: Date, sizeBytes: number }, field: SortField): string | number {
  return {
    name: row.name,
    updatedAt: row.updatedAt.toISOString(),
    size: row.sizeBytes,
  }[field]
}

/** @throws {AppError} `request.invalid` for a cursor of another sort order, or one that somebody made up */
function decodePosition(cursor: string | undefined, sort: NonNullable<ItemListQuery['sort']>): ListPosition | undefined {
  const { field } = parseSort(sort)
  const position = decodeCursor(cursor, [
    'string',
    'kind',
    partOf[field],
    'id',
  ])
  if (!position) return undefined
  const [of, kind, value, id] = position
  if (of !== sort) throw wrongCursor()
  return {
    kind: kind as 'folder' | 'file',
    value: field === 'updatedAt'
      ? new Date(String(value))
      : value!,
    id: String(id),
  }
}
