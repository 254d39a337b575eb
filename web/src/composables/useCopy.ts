import { useClipboard } from '@vueuse/core'
import { useI18n } from 'vue-i18n'
import { useNotify } from './useNotify.ts'

/** Copies text, on plain http too (where the browser has no Clipboard API), and says so unless told to be quiet. */
export function useCopy() {
  const { t } = useI18n()
  const notify = useNotify()
  const { copy: write, copied } = useClipboard({ legacy: true, copiedDuring: 1600 })

  async function copy(text: string, options: { quiet?: boolean, what?: string } = {}): Promise<boolean> {
    try {
      await write(text)
    }
    catch (error) {
      notify.failed(error)
      return false
    }
    if (!options.quiet) {
      notify.done(options.what
        ? t('common.copiedWhat', { what: options.what })
        : t('common.copied'))
    }
    return true
  }

  return { copy, copied }
}
