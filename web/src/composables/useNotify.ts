import { useToast } from '@nuxt/ui/composables'
import { useClipboard } from '@vueuse/core'
import { useI18n } from 'vue-i18n'
import { isAbort } from '../api/problem.ts'
import { prepareToaster } from './toaster.ts'
import { useProblem } from './useProblem.ts'

export interface DoneOptions {
  description?: string
  /** Offers to take it back. */
  undo?: () => void
  action?: { label: string, run: () => void }
}

/**
 * The only way a toast is shown. `done` says what happened, in the past tense and by name (“Report.pdf moved to Audit”);
 * `failed` says what happened, why and what to do, stays until closed, and gives the request id to copy.
 */
export function useNotify() {
  const toast = useToast()
  const show = async (options: Parameters<typeof toast.add>[0]) => {
    await prepareToaster()
    toast.add(options)
  }
  const { t } = useI18n()
  const describe = useProblem()
  const { copy } = useClipboard({ legacy: true })

  function done(title: string, { description, undo, action }: DoneOptions = {}) {
    const button = undo
      ? {
          label: t('common.undo'),
          run: undo,
        }
      : action
    void show({
      title,
      description,
      color: 'neutral',
      icon: 'i-lucide-check',
      actions: button
        ? [
            {
              label: button.label,
              color: 'primary',
              variant: 'link',
              onClick: button.run,
            },
          ]
        : undefined,
    })
  }

  function failed(error: unknown, options: { title?: string, retry?: () => void } = {}) {
    if (isAbort(error)) return
    const { title, why, help, requestId } = describe(error)
    void show({
      title: options.title ?? title,
      description: [
        options.title
          ? why ?? title
          : why,
        help,
      ].filter(Boolean).join(' '),
      color: 'error',
      icon: 'i-lucide-circle-alert',
      duration: 0,
      actions: [
        ...(options.retry
          ? [
              {
                label: t('common.retry'),
                color: 'neutral' as const,
                variant: 'outline' as const,
                onClick: options.retry,
              },
            ]
          : []),
        ...(requestId
          ? [
              {
                label: t('common.copyRequestId'),
                color: 'neutral' as const,
                variant: 'ghost' as const,
                onClick: () => void copy(requestId),
              },
            ]
          : []),
      ],
    })
  }

  return { done, failed }
}
