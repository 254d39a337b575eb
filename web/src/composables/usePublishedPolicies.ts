import type { PolicyListing } from '../api/generated/types.gen.ts'
import { useQuery } from '@pinia/colada'
import { requestJson } from '../api/http.ts'
import { chosenLanguage } from '../locales/index.ts'

/** The policies of this deployment that are in effect, as anyone may read them, in the reader's language. */
export function usePublishedPolicies() {
  return useQuery(() => {
    const language = chosenLanguage()
    return {
      key: ['public-policies', language ?? ''],
      query: () => requestJson<{ items: PolicyListing[] }>('GET', `/public/policies${language
        ? `?language=${language}`
        : ''}`),
      staleTime: 10 * 60_000,
    }
  })
}
