import type { ListConsentsResponses, SetConsentData } from '../../../api/generated/types.gen.ts'
import { useQuery, useQueryCache } from '@pinia/colada'
import { requestJson } from '../../../api/http.ts'
import { useNotify } from '../../../composables/useNotify.ts'

type Consents = ListConsentsResponses[200]
export type ConsentKind = SetConsentData['path']['kind']
const key = ['consents']

/** To which announcements a person has agreed. What is chosen is saved at once. */
export function useConsents() {
  const cache = useQueryCache()
  const notify = useNotify()
  const { data: consents } = useQuery({
    key,
    query: () => requestJson<Consents>('GET', '/me/consents'),
  })

  async function set(kind: ConsentKind, isGiven: boolean): Promise<void> {
    try {
      cache.setQueryData(key, await requestJson<Consents>('PUT', `/me/consents/${kind}`, { isGiven }))
    }
    catch (problem) {
      notify.failed(problem)
    }
  }

  return { consents, set }
}
