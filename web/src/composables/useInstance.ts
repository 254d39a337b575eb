import type { PublicInstance } from '../api/generated/types.gen.ts'
import { useQuery } from '@pinia/colada'
import { requestJson } from '../api/http.ts'

/** What anyone may know about this deployment: its name, organisation, contact, public address, version. */
export function useInstance(options: { enabled?: () => boolean } = {}) {
  return useQuery({
    key: ['instance'],
    query: () => requestJson<PublicInstance>('GET', '/instance'),
    staleTime: 10 * 60_000,
    enabled: options.enabled ?? true,
  })
}
