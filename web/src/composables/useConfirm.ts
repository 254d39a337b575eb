import type { Confirmation } from '../components/ConfirmDialog.vue'
import { useOverlay } from '@nuxt/ui/composables'
import { lazy } from '../utils/lazy.ts'

const ConfirmDialog = lazy(() => import('../components/ConfirmDialog.vue'))

/** `if (await confirm({ … }))`: true only when the person pressed the button that names the act. */
export function useConfirm() {
  const overlay = useOverlay()
  return async (confirmation: Confirmation): Promise<boolean> => {
    const dialog = overlay.create(ConfirmDialog, { destroyOnClose: true })
    return await dialog.open(confirmation) === true
  }
}
