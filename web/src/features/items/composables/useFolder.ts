import type { MaybeRefOrGetter } from 'vue'
import { useQuery } from '@pinia/colada'
import { computed, toValue } from 'vue'
import { getItem, listSpaces } from '../../../api/generated/sdk.gen.ts'
import { itemKeys } from '../../../api/query-keys.ts'

/** The folder in view: the one named, else the root of the workspace's first space. */
export function useFolder(workspaceId: MaybeRefOrGetter<string>, named: MaybeRefOrGetter<string | undefined>) {
  const spaces = useQuery({
    key: () => itemKeys.spaces(toValue(workspaceId)),
    query: async ({ signal }) => (await listSpaces({
      path: {
        workspaceId: toValue(workspaceId),
      },
      signal,
    })).data.items,
    staleTime: 60_000,
  })
  const rootId = computed(() => spaces.data.value?.[0]?.rootFolderId)
  const folderId = computed(() => toValue(named) ?? rootId.value)
  const detail = useQuery({
    key: () => itemKeys.detail(toValue(workspaceId), folderId.value ?? ''),
    enabled: () => folderId.value !== undefined,
    query: async ({ signal }) => (await getItem({
      path: { itemId: folderId.value! },
      signal,
    })).data,
  })
  const folder = computed(() => detail.data.value?.id === folderId.value
    ? detail.data.value
    : undefined)

  return {
    folderId,
    folder,
    path: computed(() => folder.value?.path ?? []),
    isRoot: computed(() => (folder.value?.path.length ?? 1) <= 1),
    /** A member who sees no space at all. */
    isNowhere: computed(() => spaces.data.value?.length === 0 && toValue(named) === undefined),
    canUpload: computed(() => folder.value?.permissions.includes('upload') ?? false),
    error: computed(() => spaces.error.value ?? (detail.data.value?.id === folderId.value
      ? null
      : detail.error.value)),
    retry: () => Promise.all([
      spaces.refetch(),
      detail.refetch(),
    ]),
  }
}
