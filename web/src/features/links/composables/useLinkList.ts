import type { MaybeRefOrGetter } from 'vue'
import type { LinkSort, LinkStates } from './useLinksAddress.ts'
import { useInfiniteQuery } from '@pinia/colada'
import { computed, toValue, watch } from 'vue'
import { listLinks } from '../../../api/generated/sdk/links.gen.ts'
import { linkKeys } from '../../../api/query-keys.ts'
import { loadNextPage, nextCursor } from '../../../utils/reload-queries.ts'

export interface LinkListOptions {
  workspaceId: MaybeRefOrGetter<string>
  q: MaybeRefOrGetter<string>
  sort: MaybeRefOrGetter<LinkSort>
  state: MaybeRefOrGetter<LinkStates>
}

/** A workspace's links, page after page as the reader goes down. */
export function useLinkList({ workspaceId, q, sort, state }: LinkListOptions) {
  const query = useInfiniteQuery(() => {
    const path = {
      workspaceId: toValue(workspaceId),
    }
    const of = {
      q: toValue(q),
      sort: toValue(sort),
      state: toValue(state),
    }
    return {
      key: linkKeys.list(path.workspaceId, of),
      enabled: path.workspaceId !== '',
      initialPageParam: '',
      query: async ({ pageParam, signal }) => (await listLinks({
        path,
        query: {
          q: of.q || undefined,
          sort: of.sort,
          state: of.state === 'all'
            ? undefined
            : of.state,
          limit: 100,
          cursor: pageParam || undefined,
        },
        signal,
      })).data,
      getNextPageParam: nextCursor,
    }
  })
  const links = computed(() => query.data.value?.pages.flatMap(page => page.items) ?? [])
  const loadMore = () => loadNextPage(query)
  // The server looks through so many at a time: where none of them fits, there may be some behind.
  const isLooking = computed(() => links.value.length === 0 && query.hasNextPage.value && !query.error.value)
  watch(() => isLooking.value && query.data.value?.pages.length, looking => looking && void loadMore(), { immediate: true })

  return {
    links,
    isPending: computed(() => query.isPending.value || isLooking.value),
    error: query.error,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    loadMore,
  }
}
