import type { MaybeRefOrGetter } from 'vue'
import { useQueryCache } from '@pinia/colada'
import { useThrottleFn } from '@vueuse/core'
import { toValue } from 'vue'
import { itemKeys, linkKeys } from '../api/query-keys.ts'
import { reloadQueries } from '../utils/reload-queries.ts'
import { useLiveEvents } from './useLiveEvents.ts'

interface Change { topic?: string, parentIds?: string[] }

/**
 * Keeps what is in view true: events name what changed, the queries of it are loaded again. Hundreds of events (an upload of a tree)
 * make one load a second.
 */
export function useWorkspaceEvents(workspaceId: MaybeRefOrGetter<string | undefined>) {
  const cache = useQueryCache()
  const folders = new Set<string>()
  const topics = new Set<string>()

  const apply = useThrottleFn(() => {
    const id = toValue(workspaceId)
    if (!id) return
    if (topics.has('links')) {
      void reloadQueries(cache, linkKeys.all(id))
    }
    // A link more or less is a mark on items.
    if (topics.has('items') || topics.has('links')) {
      void reloadQueries(cache, itemKeys.details(id))
      void reloadQueries(cache, itemKeys.trash(id))
    }
    if (topics.has('purges')) void reloadQueries(cache, itemKeys.purges(id))
    if (topics.has('links')) {
      void reloadQueries(cache, itemKeys.lists(id))
    }
    else {
      for (const folder of folders) void reloadQueries(cache, itemKeys.folder(id, folder))
    }
    topics.clear()
    folders.clear()
  }, 1000, true)

  useLiveEvents(workspaceId, ({ type, data }) => {
    const change = (data ?? {}) as Change
    topics.add(change.topic ?? type)
    for (const id of change.parentIds ?? []) folders.add(id)
    void apply()
  }, () => {
    const id = toValue(workspaceId)
    if (!id) return
    void reloadQueries(cache, itemKeys.all(id))
    void reloadQueries(cache, linkKeys.all(id))
  })
}
