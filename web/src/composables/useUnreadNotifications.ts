import type { UnreadNotifications } from '../api/generated/types.gen.ts'
import { useQuery, useQueryCache } from '@pinia/colada'
import { useThrottleFn } from '@vueuse/core'
import { requestJson } from '../api/http.ts'
import { useSessionStore } from '../stores/session.ts'
import { reloadQueries } from '../utils/reload-queries.ts'
import { topicOf, usePersonEvents } from './useLiveEvents.ts'

/** Whatever is known of notifications stands below this key. */
export const notificationsKey = ['notifications'] as const

/** At so many the server stops counting. */
export const MOST_UNREAD = 100

/** How many the person has not read; `MOST_UNREAD` at most. */
export function useUnreadNotifications() {
  const session = useSessionStore()
  const { data } = useQuery({
    key: [...notificationsKey, 'unread-count'],
    enabled: () => session.isSignedIn,
    staleTime: 60_000,
    query: async () => (await requestJson<UnreadNotifications>('GET', '/me/notifications/unread')).unreadCount,
  })
  return data
}

/** Asks again when there is news, or when the person has read some in another window. Once, in the layout. */
export function useNotificationChanges(): void {
  const cache = useQueryCache()
  const reload = useThrottleFn(() => reloadQueries(cache, notificationsKey), 1000, true)
  usePersonEvents((event) => {
    if (topicOf(event) === 'notifications') void reload()
  }, () => void reload())
}
