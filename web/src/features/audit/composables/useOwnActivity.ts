import type { MaybeRefOrGetter } from 'vue'
import { useInfiniteQuery, useQueryCache } from '@pinia/colada'
import { useThrottleFn } from '@vueuse/core'
import { computed, toValue } from 'vue'
import { listItemActivity } from '../../../api/generated/sdk/files.gen.ts'
import { listLinkActivity } from '../../../api/generated/sdk/links.gen.ts'
import { topicOf, useLiveEvents } from '../../../composables/useLiveEvents.ts'
import { loadNextPage, nextCursor, reloadQueries } from '../../../utils/reload-queries.ts'
import { activityKeys } from './useActivity.ts'

export interface OwnActivityOptions {
  workspaceId: MaybeRefOrGetter<string>
  kind: MaybeRefOrGetter<'item' | 'link'>
  /** Its id. */
  of: MaybeRefOrGetter<string>
  /** Of a page. */
  limit: number
}

/** What a file, a folder or a link tells of itself, newest first, and what happens to it meanwhile. For staff. */
export function useOwnActivity({ workspaceId, kind, of, limit }: OwnActivityOptions) {
  const cache = useQueryCache()
  const query = useInfiniteQuery(() => {
    const id = toValue(workspaceId)
    const what = toValue(kind)
    const ownId = toValue(of)
    return {
      key: [
        ...activityKeys.own(id, ownId),
        limit,
      ],
      initialPageParam: '',
      query: async ({ pageParam, signal }) => {
        const options = {
          query: { limit, cursor: pageParam || undefined },
          signal,
        }
        return what === 'link'
          ? (await listLinkActivity({
              path: { workspaceId: id, linkId: ownId },
              ...options,
            })).data
          : (await listItemActivity({
              path: { itemId: ownId },
              ...options,
            })).data
      },
      getNextPageParam: nextCursor,
    }
  })

  const reload = useThrottleFn(() => reloadQueries(cache, activityKeys.own(toValue(workspaceId), toValue(of))), 1500, true)
  useLiveEvents(workspaceId, (event) => {
    // With a person it says that they have looked, not that something happened.
    if (topicOf(event) === 'activity' && !(event.data as { userId?: string }).userId) void reload()
  }, () => void reload())

  return {
    events: computed(() => query.data.value?.pages.flatMap(page => page.items) ?? []),
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    loadMore: () => loadNextPage(query),
  }
}
