import { useQueryCache } from '@pinia/colada'
import { itemKeys, linkKeys } from '../../../api/query-keys.ts'
import { reloadQueries } from '../../../utils/reload-queries.ts'

/** Loads again what shows a workspace's links, and its items: a link more or less is a mark on them. */
export function useLinkRefresh() {
  const cache = useQueryCache()
  return async (workspaceId: string) => {
    await Promise.all([
      reloadQueries(cache, linkKeys.all(workspaceId)),
      reloadQueries(cache, itemKeys.all(workspaceId)),
    ])
  }
}
