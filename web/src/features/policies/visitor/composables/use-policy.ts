import type { PublishedPolicy } from '../../../../api/generated/types.gen.ts'
import { useQuery } from '@pinia/colada'
import { computed } from 'vue'
import { requestJson } from '../../../../api/http.ts'
import { i18n, regionOf } from '../../../../locales/index.ts'
import { createFormat } from '../../../../utils/format.ts'

/** A published policy: the version in effect, or the one of that number. */
export function usePolicy(of: () => { slug: string, number?: string }, enabled: () => boolean = () => true) {
  return useQuery(() => {
    const { slug, number } = of()
    const path = `/public/policies/${encodeURIComponent(slug)}${number === undefined
      ? ''
      : `/versions/${number}`}`
    return {
      key: ['public-policy', path],
      query: () => requestJson<PublishedPolicy>('GET', path),
      enabled: enabled(),
    }
  })
}

/** A calendar day (YYYY-MM-DD), the same one wherever the reader is. */
export function useDay() {
  const format = computed(() => createFormat(regionOf(i18n.global.locale.value), 'UTC'))
  return (day: string) => format.value.longDate(day)
}
