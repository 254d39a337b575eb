import type { PublishedPolicy } from '../../../../api/generated/types.gen.ts'
import type { PolicyAddress } from '../policy-path.ts'
import { useQuery } from '@pinia/colada'
import { computed } from 'vue'
import { getBegun } from '../../../../api/http.ts'
import { i18n, regionOf } from '../../../../locales/index.ts'
import { createFormat } from '../../../../utils/format.ts'
import { policyPath } from '../policy-path.ts'

/** A published policy: the version in effect, or the one of that number, in a language that may be wanted. */
export function usePolicy(of: () => PolicyAddress & { language?: string }, enabled: () => boolean = () => true) {
  return useQuery(() => {
    const { language, ...address } = of()
    const path = policyPath(address, language)
    return {
      key: ['public-policy', path],
      query: () => getBegun<PublishedPolicy>(path),
      enabled: enabled(),
    }
  })
}

const format = computed(() => createFormat(regionOf(i18n.global.locale.value), 'UTC'))

/** A calendar day (YYYY-MM-DD), the same one wherever the reader is. */
export function useDay() {
  return (day: string) => format.value.longDate(day)
}

/** Days of moments, as they are counted in UTC. */
export const useDayFormat = () => format
