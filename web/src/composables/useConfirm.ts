import { useOverlay } from '@nuxt/ui/composables'
import ConfirmDialog from '../components/ConfirmDialog.vue'

export interface Confirmation {
  title: string
  /** What happens, and whether it can be undone. */
  description?: string
  /** The names of what it touches; the dialog shows the first few and counts the rest. */
  items?: string[]
  /** The verb on the button, “Delete 3 files”, never “OK”. */
  confirm: string
  destructive?: boolean
}

/** `if (await confirm({ … }))`: true only when the person pressed the button that names the act. */
export function useConfirm() {
  const overlay = useOverlay()
  return async (confirmation: Confirmation): Promise<boolean> => {
    const dialog = overlay.create(ConfirmDialog, { destroyOnClose: true })
    return await dialog.open(confirmation) === true
  }
}
