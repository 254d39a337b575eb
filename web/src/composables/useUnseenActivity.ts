import type { MaybeRefOrGetter } from 'vue'
import { useQuery, useQueryCache } from '@pinia/colada'
import { useThrottleFn } from '@vueuse/core'
import { toValue } from 'vue'
import { countUnseenActivity } from '../api/generated/sdk/audit.gen.ts'
import { topicOf, useLiveEvents } from './useLiveEvents.ts'

export const unseenKey = (workspaceId: string) => ['activity', workspaceId, 'unseen'] as const

/** How much others did in a workspace since the person looked at its log. `workspaceId`: undefined for those who may not see it. */
export function useUnseenActivity(workspaceId: MaybeRefOrGetter<string | undefined>) {
  const { data } = useQuery(() => {
    const id = toValue(workspaceId)
    return {
      key: unseenKey(id ?? ''),
      enabled: id !== undefined,
      staleTime: 60_000,
      query: async ({ signal }) => (await countUnseenActivity({
        path: { workspaceId: id! },
        signal,
      })).data.count,
    }
  })
  return data
}

/** Asks again when something happened, or when the person has looked in another window. Once, in the layout. */
export function useUnseenChanges(workspaceId: MaybeRefOrGetter<string | undefined>): void {
  const cache = useQueryCache()
  const reload = useThrottleFn(() => {
    const id = toValue(workspaceId)
    if (id !== undefined) {
      void cache.invalidateQueries({
        key: [
          ...unseenKey(id),
        ],
      }).catch(() => {})
    }
  }, 1000, true)
  useLiveEvents(workspaceId, (event) => {
    if (topicOf(event) === 'activity') void reload()
  }, () => void reload())
}
