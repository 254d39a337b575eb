import type { PolicyListing } from '../api/generated/types.gen.ts'
import { useQuery } from '@pinia/colada'
import { requestJson } from '../api/http.ts'

/** The policies of this deployment that are in effect, as anyone may read them. */
export function usePublishedPolicies() {
  return useQuery({
    key: ['public-policies'],
    query: () => requestJson<{ items: PolicyListing[] }>('GET', '/public/policies'),
    staleTime: 10 * 60_000,
  })
}
