import { useToast } from '@nuxt/ui/composables'
import { useClipboard } from '@vueuse/core'
import { useI18n } from 'vue-i18n'
import { isAbort } from '../api/problem.ts'
import { helpWanted, takesHelp } from '../utils/help.ts'
import { prepareToaster } from './toaster.ts'
import { useProblem } from './useProblem.ts'

export interface DoneOptions {
  description?: string
  /** Offers to take it back. */
  undo?: () => void
  action?: { label: string, run: () => void }
}

/** What is over by then needs no word while it lasts. */
const SOON_MS = 1000

/**
 * The only way a toast is shown. `done` says what happened, in the past tense and by name (“Report.pdf moved to Audit”);
 * `during` what takes its time (“Moving 450 items to Audit…”);
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

  /** Until the work has ended; what it comes to, or throws, is the answer. */
  async function during<T>(title: string, work: Promise<T>): Promise<T> {
    let id: string | number | undefined
    let ended = false
    const begin = setTimeout(async () => {
      await prepareToaster()
      if (ended) return
      id = toast.add({
        title,
        color: 'neutral',
        icon: 'i-lucide-loader-circle',
        ui: { icon: 'animate-spin motion-reduce:animate-none' },
        duration: 0,
      }).id
    }, SOON_MS)
    try {
      return await work
    }
    finally {
      ended = true
      clearTimeout(begin)
      if (id !== undefined) toast.remove(id)
    }
  }

  function failed(error: unknown, options: { title?: string, retry?: () => void } = {}) {
    if (isAbort(error)) return
    const { title, why, help, requestId, problem } = describe(error)
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
        ...(requestId && takesHelp.value && problem.status >= 500
          ? [
              {
                label: t('common.askForHelp'),
                color: 'neutral' as const,
                variant: 'ghost' as const,
                onClick: () => { helpWanted.value = { failedRequestId: requestId } },
              },
            ]
          : []),
      ],
    })
  }

  return { done, during, failed }
}
