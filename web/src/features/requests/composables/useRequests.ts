import type { MaybeRefOrGetter } from 'vue'
import type { RequestThread } from '../../../api/generated/types.gen.ts'
import { useInfiniteQuery, useQuery, useQueryCache } from '@pinia/colada'
import { computed, ref, toValue } from 'vue'
import { changeRequest, getRequest, listRequests } from '../../../api/generated/sdk/requests.gen.ts'
import { listUsers } from '../../../api/generated/sdk/users.gen.ts'
import { requestsKey } from '../../../composables/useNewRequests.ts'
import { useNotify } from '../../../composables/useNotify.ts'
import { loadNextPage, nextCursor } from '../../../utils/reload-queries.ts'

export type RequestState = RequestThread['state']
export const requestStates = [
  'new',
  'in_progress',
  'answered',
  'approved',
  'declined',
  'spam',
] as const
export const requestFilters = [...requestStates, 'all'] as const
export type RequestFilter = typeof requestFilters[number]

/** What people asked, the last that came first, page after page. */
export function useRequests(asked: MaybeRefOrGetter<{ filter: RequestFilter, q: string }>) {
  const query = useInfiniteQuery(() => {
    const { filter, q } = toValue(asked)
    return {
      key: [
        ...requestsKey,
        'list',
        filter,
        q,
      ],
      initialPageParam: '',
      query: async ({ pageParam, signal }) => (await listRequests({
        query: {
          state: filter === 'all'
            ? undefined
            : filter,
          q: q || undefined,
          cursor: pageParam || undefined,
        },
        signal,
      })).data,
      getNextPageParam: nextCursor,
    }
  })
  return {
    requests: computed(() => query.data.value?.pages.flatMap(page => page.items) ?? []),
    counts: computed(() => query.data.value?.pages[0]?.counts),
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    loadMore: () => loadNextPage(query),
  }
}

/** One request with its thread, and what changes it: each answers with the request as it is then. */
export function useRequest(id: () => string) {
  const cache = useQueryCache()
  const notify = useNotify()
  const busy = ref(false)
  const keyOf = (requestId: string) => [...requestsKey, 'one', requestId]
  const { data: request, error, refetch } = useQuery(() => {
    const requestId = id()
    return {
      key: keyOf(requestId),
      query: async ({ signal }) => (await getRequest({
        path: { requestId },
        signal,
      })).data,
    }
  })

  /** @returns whether it was done; what failed is shown */
  async function act(work: () => Promise<unknown>, done: string): Promise<boolean> {
    busy.value = true
    try {
      await work()
      notify.done(done)
      return true
    }
    catch (failure) {
      notify.failed(failure)
      return false
    }
    finally {
      await cache.invalidateQueries({ key: requestsKey }).catch(() => {})
      busy.value = false
    }
  }

  return {
    request,
    error,
    refetch,
    busy,
    act,
    change: (body: Parameters<typeof changeRequest>[0]['body'], done: string) => act(() => changeRequest({
      path: {
        requestId: id(),
      },
      body,
    }), done),
  }
}

/** Whom a request can be assigned to. */
export function useOperators() {
  const { data } = useQuery({
    key: ['people', 'operators'],
    staleTime: 10 * 60_000,
    query: async ({ signal }) => (await listUsers({
      query: { only: 'operators', limit: 200 },
      signal,
    })).data.items,
  })
  return data
}
