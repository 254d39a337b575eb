import { countFileDownloads, getItem, listItems, listVersions, selectItems } from '../../api/generated/sdk/files.gen.ts'
import { listSpaces } from '../../api/generated/sdk/workspaces.gen.ts'
import { itemKeys, linkKeys } from '../../api/query-keys.ts'
import { nextCursor } from '../../utils/reload-queries.ts'

export const sorts = [
  'name',
  '-name',
  'updatedAt',
  '-updatedAt',
  'size',
  '-size',
] as const
export type Sort = (typeof sorts)[number]

/**
 * What is asked about items, each under its key, with what it asks for held fast: the page, the panel and the dialogs share what they load, and
 * the next load of it may be made by what one of them said when it was elsewhere or is gone.
 */
interface Asked { signal: AbortSignal }

export const spacesQuery = (workspaceId: string) => ({
  key: itemKeys.spaces(workspaceId),
  query: async ({ signal }: Asked) => (await listSpaces({
    path: { workspaceId },
    signal,
  })).data.items,
  staleTime: 60_000,
})

/** One item with its path; nothing is asked while nobody knows which. */
export const itemQuery = (workspaceId: string, itemId: string | undefined) => ({
  key: itemKeys.detail(workspaceId, itemId ?? ''),
  enabled: itemId !== undefined,
  query: async ({ signal }: Asked) => (await getItem({
    path: { itemId: itemId! },
    signal,
  })).data,
})

export const versionsQuery = (workspaceId: string, fileId: string) => ({
  key: itemKeys.versions(workspaceId, fileId),
  query: async ({ signal }: Asked) => (await listVersions({
    path: { fileId },
    signal,
  })).data.items,
})

/** How often a file was downloaded. */
export const downloadsQuery = (workspaceId: string, fileId: string) => ({
  key: linkKeys.fileDownloads(workspaceId, fileId),
  query: async ({ signal }: Asked) => (await countFileDownloads({
    path: { fileId },
    signal,
  })).data,
})

/** What of a list is wanted: a folder's items, or what a search of the whole workspace finds. */
export interface ItemListQuery {
  workspaceId: string
  parentId?: string
  q: string
  sort: Sort
}

const listKey = ({ workspaceId, parentId, q, sort }: ItemListQuery) => q
  ? itemKeys.search(workspaceId, q, sort)
  : itemKeys.list(workspaceId, parentId ?? '', sort)

const listed = ({ parentId, q, sort }: ItemListQuery) => ({
  sort,
  ...(q
    ? { q }
    : { parentId }),
})

/** The first page is soon there, those behind it are seldom. */
export const itemListQuery = ({ workspaceId, parentId, q, sort }: ItemListQuery) => ({
  key: listKey({ workspaceId, parentId, q, sort }),
  enabled: workspaceId !== '' && (q !== '' || parentId !== undefined),
  initialPageParam: '',
  refetchOnWindowFocus: false,
  query: async ({ pageParam, signal }: Asked & { pageParam: string }) => (await listItems({
    path: { workspaceId },
    query: {
      limit: pageParam === ''
        ? 100
        : 200,
      cursor: pageParam || undefined,
      ...listed({ workspaceId, parentId, q, sort }),
    },
    signal,
  })).data,
  getNextPageParam: nextCursor,
})

/** All of a list, without its pages; nothing is asked before somebody wants it. @param asked `nth`: which time it is */
export const selectionQuery = (asked: ItemListQuery & { nth: number } | undefined) => ({
  key: asked
    ? itemKeys.selection(listKey(asked), asked.nth)
    : itemKeys.selection([], 0),
  enabled: asked !== undefined,
  gcTime: 0,
  refetchOnWindowFocus: false,
  query: async ({ signal }: Asked) => (await selectItems({
    path: { workspaceId: asked!.workspaceId },
    query: listed(asked!),
    signal,
  })).data,
})
