import type { MaybeRefOrGetter } from 'vue'
import { useInfiniteQuery } from '@pinia/colada'
import { computed, toValue } from 'vue'
import { listLinks } from '../../../api/generated/sdk.gen.ts'
import { linkKeys } from '../../../api/query-keys.ts'
import { loadNextPage, nextCursor } from '../../../utils/reload-queries.ts'

/** The workspace's links that work now, or those that no longer do. */
export function useLinkList(workspaceId: MaybeRefOrGetter<string>, state: MaybeRefOrGetter<'active' | 'ended'>) {
  const query = useInfiniteQuery(() => {
    const path = {
      workspaceId: toValue(workspaceId),
    }
    const of = {
      state: toValue(state),
    }
    return {
      key: linkKeys.list(path.workspaceId, of),
      initialPageParam: '',
      query: async ({ pageParam, signal }) => (await listLinks({
        path,
        query: { ...of, limit: 100, cursor: pageParam || undefined },
        signal,
      })).data,
      getNextPageParam: nextCursor,
    }
  })
  return {
    links: computed(() => query.data.value?.pages.flatMap(page => page.items) ?? []),
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    loadMore: () => loadNextPage(query),
  }
}
