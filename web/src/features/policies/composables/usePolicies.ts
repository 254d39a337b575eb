import { useQuery } from '@pinia/colada'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { usePolicyDesk } from './usePolicyDesk.ts'
import { policyKeys } from './usePolicyDraft.ts'

/** Those of the deployment, or of the workspace in the address. */
export function usePolicies() {
  const { locale } = useI18n()
  const desk = usePolicyDesk()
  const { data, error, isPending, refetch } = useQuery(() => {
    const { workspaceId = '', list } = desk.value
    const language = locale.value
    return {
      key: [...policyKeys.list, workspaceId, language],
      query: ({ signal }) => list(language, signal),
    }
  })
  return {
    policies: computed(() => data.value ?? []),
    error,
    isPending,
    refetch,
  }
}
