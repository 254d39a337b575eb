import type { MaybeRefOrGetter } from 'vue'
import { useQuery } from '@pinia/colada'
import { computed, toValue } from 'vue'
import { listLinks } from '../../../api/generated/sdk/links.gen.ts'
import { linkKeys } from '../../../api/query-keys.ts'

/** The links on one item that are not revoked. */
export function useItemLinks(workspaceId: MaybeRefOrGetter<string>, itemId: MaybeRefOrGetter<string>) {
  const { data, error, status } = useQuery(() => {
    const path = {
      workspaceId: toValue(workspaceId),
    }
    const of = {
      itemId: toValue(itemId),
    }
    return {
      key: linkKeys.list(path.workspaceId, of),
      query: async ({ signal }) => (await listLinks({
        path,
        query: { ...of, limit: 100 },
        signal,
      })).data.items,
    }
  })
  return {
    links: computed(() => (data.value ?? []).filter(({ state }) => state !== 'revoked')),
    error,
    status,
  }
}
