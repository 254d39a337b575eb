import type { MaybeRefOrGetter } from 'vue'
import { useQueryCache } from '@pinia/colada'
import { useDocumentVisibility } from '@vueuse/core'
import { toValue, watch } from 'vue'
import { markActivitySeen } from '../../../api/generated/sdk/audit.gen.ts'
import { unseenKey } from '../../../composables/useUnseenActivity.ts'

/** Tells the server up to where a workspace's log has been shown to somebody who has the page before their eyes. */
export function useSeen({ workspaceId, newest }: { workspaceId: MaybeRefOrGetter<string | null | undefined>, newest: () => number | undefined }): void {
  const cache = useQueryCache()
  const visibility = useDocumentVisibility()

  watch([
    () => toValue(workspaceId),
    newest,
    visibility,
  ] as const, async ([id, seq, state]) => {
    if (!id || seq === undefined || state !== 'visible') return
    try {
      await markActivitySeen({
        path: { workspaceId: id },
        body: { seq },
      })
      await cache.invalidateQueries({
        key: [
          ...unseenKey(id),
        ],
      })
    }
    catch {
      // The dot stays, and the next event or visit tries again.
    }
  }, { immediate: true })
}
