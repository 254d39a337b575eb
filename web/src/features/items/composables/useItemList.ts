import type { MaybeRefOrGetter } from 'vue'
import type { Sort } from '../item-queries.ts'
import { useInfiniteQuery } from '@pinia/colada'
import { computed, toValue } from 'vue'
import { loadNextPage, nameOfKey, staleLists } from '../../../utils/reload-queries.ts'
import { itemListQuery } from '../item-queries.ts'

export interface ItemListOptions {
  workspaceId: MaybeRefOrGetter<string>
  folderId: MaybeRefOrGetter<string | undefined>
  sort: MaybeRefOrGetter<Sort>
  /** Looks through the whole workspace instead of the folder. */
  q: MaybeRefOrGetter<string>
}

/** A folder's items, or what a search finds, page after page as the reader goes down. */
export function useItemList({ workspaceId, folderId, sort, q }: ItemListOptions) {
  const options = computed(() => itemListQuery({
    workspaceId: toValue(workspaceId),
    parentId: toValue(folderId),
    q: toValue(q),
    sort: toValue(sort),
  }))
  const name = computed(() => nameOfKey(options.value.key))
  const query = useInfiniteQuery(() => options.value)

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
    isStale: computed(() => staleLists.has(name.value)),
    refetch: () => {
      staleLists.delete(name.value)
      return query.refetch()
    },
  }
}
