import type { MaybeRefOrGetter } from 'vue'
import { useEventListener } from '@vueuse/core'
import { toValue } from 'vue'
import { useI18n } from 'vue-i18n'
import { onBeforeRouteLeave } from 'vue-router'
import { useConfirm } from './useConfirm.ts'

/**
 * Lets nobody leave the page with something unsaved unasked. `save` is tried first where there is one: it answers whether all is
 * saved, and then nobody needs to be asked.
 */
export function useUnsavedGuard(isDirty: MaybeRefOrGetter<boolean>, save?: () => Promise<boolean>) {
  const { t } = useI18n()
  const confirm = useConfirm()

  onBeforeRouteLeave(async () => {
    if (!toValue(isDirty) || await save?.()) return true
    return confirm({
      title: t('common.unsaved.title'),
      description: t('common.unsaved.why'),
      confirm: t('common.unsaved.leave'),
      destructive: true,
    })
  })
  useEventListener(window, 'beforeunload', (event) => {
    if (toValue(isDirty)) event.preventDefault()
  })
}
