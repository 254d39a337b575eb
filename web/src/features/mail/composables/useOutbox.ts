import type { MaybeRefOrGetter } from 'vue'
import type { OutboxMail } from '../../../api/generated/types.gen.ts'
import { useInfiniteQuery } from '@pinia/colada'
import { computed, toValue } from 'vue'
import { listMails } from '../../../api/generated/sdk/mails.gen.ts'
import { loadNextPage, nextCursor } from '../../../utils/reload-queries.ts'

export type MailState = OutboxMail['state']
export const mailStates = [
  'waiting',
  'sent',
  'failed',
  'suppressed',
  'expired',
] as const
/** All that is asked about mail begins with it. */
export const mailKey = ['instance', 'mail'] as const

/** What the server sent and is to send, newest first, page after page. */
export function useOutbox(filter: MaybeRefOrGetter<{ state: MailState | undefined, search: string }>) {
  const query = useInfiniteQuery(() => {
    const { state, search } = toValue(filter)
    return {
      key: [
        ...mailKey,
        'outbox',
        state ?? 'all',
        search,
      ],
      initialPageParam: '',
      query: async ({ pageParam, signal }) => (await listMails({
        query: {
          state,
          search: search || undefined,
          cursor: pageParam || undefined,
        },
        signal,
      })).data,
      getNextPageParam: nextCursor,
    }
  })
  return {
    mails: computed(() => query.data.value?.pages.flatMap(page => page.items) ?? []),
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    loadMore: () => loadNextPage(query),
  }
}
