import type { MaybeRefOrGetter } from 'vue'
import { useQuery } from '@pinia/colada'
import { computed, toValue } from 'vue'
import { useWorkspace } from '../../../composables/useWorkspace.ts'
import { downloadsQuery, itemQuery, versionsQuery } from '../item-queries.ts'

/** One item with its path and, for a file, its versions and how often it was downloaded. */
export function useItemDetail(workspaceId: MaybeRefOrGetter<string>, itemId: MaybeRefOrGetter<string>) {
  const { role } = useWorkspace()
  const detail = useQuery(() => itemQuery(toValue(workspaceId), toValue(itemId)))
  const item = computed(() => detail.data.value)
  const isFile = computed(() => item.value?.kind === 'file')
  const versions = useQuery(() => ({
    ...versionsQuery(toValue(workspaceId), toValue(itemId)),
    enabled: isFile.value,
  }))
  const downloads = useQuery(() => ({
    ...downloadsQuery(toValue(workspaceId), toValue(itemId)),
    // A client's people are told neither of links nor of what others take.
    enabled: isFile.value && role.value !== undefined && role.value !== 'client',
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
