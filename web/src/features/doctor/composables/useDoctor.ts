import { useQuery, useQueryCache } from '@pinia/colada'
import { useTimeoutFn } from '@vueuse/core'
import { ref, watch } from 'vue'
import { checkDeployment, getDoctorReport } from '../../../api/generated/sdk.gen.ts'
import { useNotify } from '../../../composables/useNotify.ts'

const key = ['doctor']
/** How soon the page asks again what was found meanwhile. */
const ASK_MS = 700

/** The last check of the deployment, followed while it is under way, whoever began it. */
export function useDoctor() {
  const cache = useQueryCache()
  const notify = useNotify()
  const isBeginning = ref(false)
  const { data, error, refetch } = useQuery({
    key,
    query: async ({ signal }) => (await getDoctorReport({ signal })).data,
  })
  // A report that came, and one that did not come, are both followed by the next question.
  const next = useTimeoutFn(async () => {
    await refetch()
    if (data.value?.isRunning) next.start()
  }, ASK_MS, { immediate: false })
  watch(() => data.value?.isRunning, (isRunning) => {
    if (isRunning) next.start()
  }, { immediate: true })

  async function check(): Promise<void> {
    isBeginning.value = true
    try {
      const { data: report } = await checkDeployment()
      cache.setQueryData(key, report)
    }
    catch (cause) {
      notify.failed(cause)
    }
    isBeginning.value = false
  }

  return {
    data,
    error,
    refetch,
    check,
    isBeginning,
  }
}
