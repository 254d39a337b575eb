import type { MaybeRefOrGetter } from 'vue'
import { useInfiniteQuery } from '@pinia/colada'
import { computed, toValue } from 'vue'
import { listItems } from '../../../api/generated/sdk.gen.ts'
import { itemKeys } from '../../../api/query-keys.ts'
import { loadNextPage, nameOfKey, staleLists } from '../../../utils/reload-queries.ts'

export const sorts = [
  'name',
  '-name',
  'updatedAt',
  '-updatedAt',
  'size',
  '-size',
] as const
export type Sort = (typeof sorts)[number]

export interface ItemListOptions {
  workspaceId: MaybeRefOrGetter<string>
  folderId: MaybeRefOrGetter<string | undefined>
  sort: MaybeRefOrGetter<Sort>
  /** Looks through the whole workspace instead of the folder. */
  q: MaybeRefOrGetter<string>
}

/** A folder's items, or what a search finds, page after page as the reader goes down. */
export function useItemList({ workspaceId, folderId, sort, q }: ItemListOptions) {
  const key = computed(() => toValue(q)
    ? itemKeys.search(toValue(workspaceId), toValue(q), toValue(sort))
    : itemKeys.list(toValue(workspaceId), toValue(folderId) ?? '', toValue(sort)))
  const query = useInfiniteQuery({
    key: () => key.value,
    enabled: () => toValue(workspaceId) !== '' && (toValue(q) !== '' || toValue(folderId) !== undefined),
    initialPageParam: '',
    refetchOnWindowFocus: false,
    query: async ({ pageParam, signal }) => (await listItems({
      path: {
        workspaceId: toValue(workspaceId),
      },
      query: {
        limit: pageParam === ''
          ? 100
          : 200,
        cursor: pageParam || undefined,
        sort: toValue(sort),
        ...(toValue(q)
          ? {
              q: toValue(q),
            }
          : {
              parentId: toValue(folderId),
            }),
      },
      signal,
    })).data,
    getNextPageParam: page => page.nextCursor,
  })

  /** A refresh that is under way is waited for: it brings no further page, so it is asked for again. */
  async function loadMore() {
    const before = query.data.value?.pages.length
    await loadNextPage(query)
    if (query.hasNextPage.value && !query.error.value && query.data.value?.pages.length === before) await loadNextPage(query)
  }

  return {
    items: computed(() => query.data.value?.pages.flatMap(page => page.items) ?? []),
    isPending: query.isPending,
    error: query.error,
    hasMore: query.hasNextPage,
    loadMore,
    /** It has changed, and is too long to be loaded again unasked. */
    isStale: computed(() => staleLists.has(nameOfKey(key.value))),
    refetch: () => {
      staleLists.delete(nameOfKey(key.value))
      return query.refetch()
    },
  }
}
