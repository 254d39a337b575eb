import type { MaybeRefOrGetter } from 'vue'
import { useQuery } from '@pinia/colada'
import { computed, toValue } from 'vue'
import { getItem, listVersions } from '../../../api/generated/sdk.gen.ts'
import { itemKeys } from '../../../api/query-keys.ts'

/** One item with its path and, for a file, its versions. */
export function useItemDetail(workspaceId: MaybeRefOrGetter<string>, itemId: MaybeRefOrGetter<string>) {
  const detail = useQuery({
    key: () => itemKeys.detail(toValue(workspaceId), toValue(itemId)),
    query: async ({ signal }) => (await getItem({
      path: {
        itemId: toValue(itemId),
      },
      signal,
    })).data,
  })
  const item = computed(() => detail.data.value?.id === toValue(itemId)
    ? detail.data.value
    : undefined)
  const versions = useQuery({
    key: () => itemKeys.versions(toValue(workspaceId), toValue(itemId)),
    enabled: () => item.value?.kind === 'file',
    query: async ({ signal }) => (await listVersions({
      path: {
        fileId: toValue(itemId),
      },
      signal,
    })).data.items,
  })
  return {
    item,
    versions: computed(() => item.value?.kind === 'file'
      ? versions.data.value ?? []
      : []),
    error: detail.error,
    retry: detail.refetch,
  }
}
