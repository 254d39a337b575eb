import type { MaybeRefOrGetter } from 'vue'
import { useQuery } from '@pinia/colada'
import { computed, toValue } from 'vue'
import { itemQuery, spacesQuery } from '../item-queries.ts'

/** The folder in view: the one named, else the root of the workspace's first space. */
export function useFolder(workspaceId: MaybeRefOrGetter<string>, named: MaybeRefOrGetter<string | undefined>) {
  const spaces = useQuery(() => spacesQuery(toValue(workspaceId)))
  const rootId = computed(() => spaces.data.value?.[0]?.rootFolderId)
  const folderId = computed(() => toValue(named) ?? rootId.value)
  const detail = useQuery(() => itemQuery(toValue(workspaceId), folderId.value))
  const folder = computed(() => detail.data.value)

  return {
    folderId,
    folder,
    path: computed(() => folder.value?.path ?? []),
    isRoot: computed(() => (folder.value?.path.length ?? 1) <= 1),
    /** A member who sees no space at all. */
    isNowhere: computed(() => spaces.data.value?.length === 0 && toValue(named) === undefined),
    canUpload: computed(() => folder.value?.permissions.includes('upload') ?? false),
    error: computed(() => spaces.error.value ?? (detail.data.value
      ? null
      : detail.error.value)),
    retry: () => Promise.all([
      spaces.refetch(),
      detail.refetch(),
    ]),
  }
}
