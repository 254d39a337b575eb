import type { ShareTarget } from '../components/ShareDialog.vue'
import { useOverlay } from '@nuxt/ui/composables'
import { lazy } from '../../../utils/lazy.ts'

const ShareDialog = lazy(() => import('../components/ShareDialog.vue'))

/** Opens the share dialog for these items. */
export function useShare() {
  const overlay = useOverlay()
  return (workspaceId: string, items: ShareTarget[]) => {
    overlay.create(ShareDialog, { destroyOnClose: true }).open({ workspaceId, items })
  }
}
