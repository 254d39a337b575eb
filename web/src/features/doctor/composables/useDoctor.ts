import { useQuery, useQueryCache } from '@pinia/colada'
import { useIntervalFn } from '@vueuse/core'
import { ref, watch } from 'vue'
import { checkDeployment, getDoctorReport } from '../../../api/generated/sdk/doctor.gen.ts'
import { useNotify } from '../../../composables/useNotify.ts'

const key = ['doctor']
/** How soon the page asks again what was found meanwhile. */
const ASK_MS = 700

/** The last check of the deployment, followed while it is under way, whoever began it. */
export function useDoctor() {
  const cache = useQueryCache()
  const notify = useNotify()
  const isBeginning = ref(false)
  const { data, error, refetch, asyncStatus } = useQuery({
    key,
    query: async ({ signal }) => (await getDoctorReport({ signal })).data,
  })
  const { resume, pause } = useIntervalFn(() => {
    if (asyncStatus.value === 'idle') void refetch()
  }, ASK_MS, { immediate: false })
  watch(() => data.value?.isRunning === true, isRunning => isRunning
    ? resume()
    : pause(), { immediate: true })

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
