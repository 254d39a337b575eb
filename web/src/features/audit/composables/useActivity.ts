import type { MaybeRefOrGetter } from 'vue'
import type { AuditEvent } from '../../../api/generated/types.gen.ts'
import type { ActivityFilters } from './useActivityFilters.ts'
import { useInfiniteQuery } from '@pinia/colada'
import { useThrottleFn } from '@vueuse/core'
import { computed, shallowRef, toValue, watch } from 'vue'
import { listAuditEvents, listInstanceAuditEvents } from '../../../api/generated/sdk/audit.gen.ts'
import { serverNow } from '../../../api/server-time.ts'
import { topicOf, useLiveEvents } from '../../../composables/useLiveEvents.ts'
import { loadNextPage, nextCursor } from '../../../utils/reload-queries.ts'
import { toAuditQuery } from './useActivityFilters.ts'

const PAGE = 50

export const activityKeys = {
  /** `chain`: a workspace's id, or `instance`. */
  list: (chain: string, filters: ActivityFilters) => [
    'activity',
    chain,
    'list',
    { ...filters },
  ] as const,
  /** What one file, folder or link tells of itself. */
  own: (workspaceId: string, of: string) => ['activity', workspaceId, 'own', of] as const,
  days: (chain: string) => ['activity', chain, 'days'] as const,
}

export interface ActivityOptions {
  /** Undefined while it is not known; null: the instance's own log. */
  workspaceId: MaybeRefOrGetter<string | null | undefined>
  filters: MaybeRefOrGetter<ActivityFilters>
  /** Whether new events may go on top at once: nobody reads further down. */
  atTop: () => boolean
}

/** A log, newest first, page after page; what happens meanwhile waits in `fresh` unless the reader is at the top. */
export function useActivity({ workspaceId, filters, atTop }: ActivityOptions) {
  const chain = () => toValue(workspaceId) ?? 'instance'
  /** What loads pages of what is in view now, whatever is in view then. */
  const loader = () => {
    const id = toValue(workspaceId)
    const wanted = {
      ...toValue(filters),
    }
    return async ({ signal, ...page }: { limit: number, cursor?: string, signal?: AbortSignal }) => {
      const query = {
        ...toAuditQuery(wanted, serverNow()),
        ...page,
      }
      return id
        ? (await listAuditEvents({
            path: { workspaceId: id },
            query,
            signal,
          })).data
        : (await listInstanceAuditEvents({ query, signal })).data
    }
  }

  const query = useInfiniteQuery(() => {
    const load = loader()
    return {
      key: activityKeys.list(chain(), toValue(filters)),
      enabled: toValue(workspaceId) !== undefined,
      initialPageParam: '',
      refetchOnWindowFocus: false,
      // What an earlier visit loaded may have a gap above it.
      gcTime: 0,
      query: ({ pageParam, signal }) => load({ limit: PAGE, cursor: pageParam || undefined, signal }),
      getNextPageParam: nextCursor,
    }
  })
  const loaded = computed(() => query.data.value?.pages.flatMap(page => page.items) ?? [])

  /** Newer than what the pages hold: shown, and waiting to be. */
  const head = shallowRef<AuditEvent[]>([])
  const fresh = shallowRef<AuditEvent[]>([])
  const reset = () => {
    head.value = []
    fresh.value = []
  }
  watch(() => [
    chain(),
    toValue(filters),
  ], reset)

  const reveal = () => {
    head.value = [
      ...fresh.value,
      ...head.value,
    ]
    fresh.value = []
  }
  const refetch = async () => {
    reset()
    await query.refetch()
  }

  const catchUp = useThrottleFn(async () => {
    if (query.isPending.value) return
    const known = fresh.value[0] ?? head.value[0] ?? loaded.value[0]
    const key = JSON.stringify([
      chain(),
      toValue(filters),
    ])
    // A stretch that could not be asked for is asked for with the next event.
    const page = await loader()({ limit: PAGE }).catch(() => undefined)
    if (!page || key !== JSON.stringify([
      chain(),
      toValue(filters),
    ])) {
      return
    }
    const newer = page.items.filter(({ seq }) => seq > (known?.seq ?? 0))
    if (newer.length === PAGE && page.nextCursor) {
      await refetch()
      return
    }
    fresh.value = [
      ...newer,
      ...fresh.value,
    ]
    if (atTop()) reveal()
  }, 1500, true)

  useLiveEvents(() => toValue(workspaceId) ?? undefined, (event) => {
    // With a person it says that they have looked, not that something happened.
    if (topicOf(event) === 'activity' && !(event.data as { userId?: string }).userId) void catchUp()
  }, () => void catchUp())

  return {
    events: computed(() => [
      ...head.value,
      ...loaded.value,
    ]),
    fresh,
    reveal,
    refetch,
    isPending: query.isPending,
    error: query.error,
    hasMore: query.hasNextPage,
    loadMore: () => loadNextPage(query),
  }
}
