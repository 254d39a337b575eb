import { useQuery } from '@pinia/colada'
import { watch } from 'vue'
import { useRoute } from 'vue-router'
import { listRequests } from '../api/generated/sdk/requests.gen.ts'
import { useSessionStore } from '../stores/session.ts'

/** Whatever is known of requests stands below this key. */
export const requestsKey = ['requests'] as const

/** How many requests wait for an operator; undefined for everybody else. Asked again, at most once a minute, as they move through the app. */
export function useNewRequests() {
  const route = useRoute()
  const session = useSessionStore()
  const { data, refresh } = useQuery({
    key: [...requestsKey, 'new-count'],
    enabled: () => session.isOperator,
    staleTime: 60_000,
    query: async ({ signal }) => (await listRequests({
      query: { state: 'new', limit: 1 },
      signal,
    })).data.counts.new,
  })
  watch(() => route.path, () => {
    if (session.isOperator) void refresh().catch(() => {})
  })
  return data
}
