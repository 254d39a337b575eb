import type { MaybeRefOrGetter } from 'vue'
import { useQuery } from '@pinia/colada'
import { computed, toValue } from 'vue'
import { countFileDownloads, getItem, listVersions } from '../../../api/generated/sdk.gen.ts'
import { itemKeys, linkKeys } from '../../../api/query-keys.ts'
import { useWorkspace } from '../../../composables/useWorkspace.ts'

/** One item with its path and, for a file, its versions and how often it was downloaded. */
export function useItemDetail(workspaceId: MaybeRefOrGetter<string>, itemId: MaybeRefOrGetter<string>) {
  const { role } = useWorkspace()
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
  const downloads = useQuery({
    key: () => linkKeys.fileDownloads(toValue(workspaceId), toValue(itemId)),
    // A client's people are told neither of links nor of what others take.
    enabled: () => item.value?.kind === 'file' && role.value !== undefined && role.value !== 'client',
    query: async ({ signal }) => (await countFileDownloads({
      path: {
        fileId: toValue(itemId),
      },
      signal,
    })).data,
  })
  return {
    item,
    /** Of the file itself. */
    downloads: computed(() => item.value?.kind === 'file'
      ? downloads.data.value
      : undefined),
    versions: computed(() => item.value?.kind === 'file'
      ? versions.data.value ?? []
      : []),
    error: detail.error,
    retry: detail.refetch,
  }
}
