import { useI18n } from 'vue-i18n'
import { useCopy } from '../../../composables/useCopy.ts'
import { useNotify } from '../../../composables/useNotify.ts'

/** Puts a link on the clipboard, and says so; by its name, for an address is long and says nothing. */
export function useCopyLink() {
  const { t } = useI18n()
  const notify = useNotify()
  const { copy } = useCopy()

  async function copyLink(url: string, name?: string): Promise<void> {
    if (await copy(url, { quiet: true })) notify.done(t('links.copied'), { description: name })
  }

  /**
   * The same for a link that is still being made: the clipboard is asked for while the click lasts, as Safari wants it.
   * @throws whatever `making` throws
   */
  async function copyWhenMade(making: Promise<string>): Promise<string> {
    let written = false
    if (typeof ClipboardItem !== 'undefined' && navigator.clipboard?.write) {
      const text = making.then(url => new Blob([url], { type: 'text/plain' }))
      written = await navigator.clipboard.write([
        new ClipboardItem({ 'text/plain': text }),
      ]).then(() => true, () => false)
    }
    const url = await making
    if (written || await copy(url, { quiet: true })) notify.done(t('links.created'))
    return url
  }

  return { copyLink, copyWhenMade }
}
