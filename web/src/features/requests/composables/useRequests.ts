import type { MaybeRefOrGetter } from 'vue'
import type { ContactRequest } from '../../../api/generated/types.gen.ts'
import { useInfiniteQuery, useQueryCache } from '@pinia/colada'
import { computed, ref, toValue } from 'vue'
import { useI18n } from 'vue-i18n'
import { changeRequest, listRequests } from '../../../api/generated/sdk/requests.gen.ts'
import { requestsKey } from '../../../composables/useNewRequests.ts'
import { useNotify } from '../../../composables/useNotify.ts'
import { loadNextPage, nextCursor } from '../../../utils/reload-queries.ts'

export type RequestState = ContactRequest['state']
export const requestFilters = ['new', 'answered', 'spam', 'all'] as const
export type RequestFilter = typeof requestFilters[number]

/** What people asked, newest first, page after page; marking can be taken back. */
export function useRequests(filter: MaybeRefOrGetter<RequestFilter>) {
  const { t } = useI18n()
  const notify = useNotify()
  const cache = useQueryCache()
  /** The id of the one that waits for the server. */
  const busy = ref<string>()

  const query = useInfiniteQuery(() => {
    const state = toValue(filter)
    return {
      key: [
        ...requestsKey,
        'list',
        state,
      ],
      initialPageParam: '',
      query: async ({ pageParam, signal }) => (await listRequests({
        query: {
          state: state === 'all'
            ? undefined
            : state,
          cursor: pageParam || undefined,
        },
        signal,
      })).data,
      getNextPageParam: nextCursor,
    }
  })

  async function mark({ id, name, state: from }: ContactRequest, state: RequestState): Promise<void> {
    busy.value = id
    try {
      const { data: changed } = await changeRequest({
        path: { requestId: id },
        body: { state },
      })
      notify.done(t(`requests.marked.${state}`, { name }), {
        undo: () => void mark(changed, from),
      })
    }
    catch (error) {
      notify.failed(error)
    }
    finally {
      await cache.invalidateQueries({ key: requestsKey }).catch(() => {})
      busy.value = undefined
    }
  }

  return {
    requests: computed(() => query.data.value?.pages.flatMap(page => page.items) ?? []),
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    loadMore: () => loadNextPage(query),
    busy,
    mark,
  }
}
