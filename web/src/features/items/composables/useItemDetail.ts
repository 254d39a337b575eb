import type { MaybeRefOrGetter } from 'vue'
import { useQuery } from '@pinia/colada'
import { computed, toValue } from 'vue'
import { downloadsQuery, itemQuery, versionsQuery } from '../item-queries.ts'

/** One item with its path and, for a file, its versions and how often it was downloaded. */
export function useItemDetail(workspaceId: MaybeRefOrGetter<string>, itemId: MaybeRefOrGetter<string>) {
  const detail = useQuery(() => itemQuery(toValue(workspaceId), toValue(itemId)))
  const item = computed(() => detail.data.value)
  const isFile = computed(() => item.value?.kind === 'file')
  const versions = useQuery(() => ({
    ...versionsQuery(toValue(workspaceId), toValue(itemId)),
    enabled: isFile.value,
  }))
  const downloads = useQuery(() => ({
    ...downloadsQuery(toValue(workspaceId), toValue(itemId)),
    enabled: isFile.value,
  }))
  return {
    item,
    /** Of the file itself. */
    downloads: computed(() => isFile.value
      ? downloads.data.value
      : undefined),
    versions: computed(() => isFile.value
      ? versions.data.value ?? []
      : []),
    error: detail.error,
    retry: detail.refetch,
  }
}
