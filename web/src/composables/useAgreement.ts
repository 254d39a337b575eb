import type { AcceptInvitationData, PendingPolicy } from '../api/generated/types.gen.ts'
import { useQuery } from '@pinia/colada'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { requestJson } from '../api/http.ts'
import { toProblem } from '../api/problem.ts'

/** What somebody without an account is asked to agree to, in the language of the page, and to which of it they have. */
export function useAgreement() {
  const { locale } = useI18n()
  const { data, refetch } = useQuery(() => {
    const path = `/public/pending-policies?language=${locale.value}`
    return {
      key: ['pending-policies', path],
      query: () => requestJson<{ items: PendingPolicy[] }>('GET', path),
    }
  })
  const policies = computed(() => data.value?.items ?? [])
  /** By the text that was shown: another one is agreed to anew. */
  const agreed = ref<Record<string, boolean>>({})

  return {
    policies,
    agreed,
    acceptances: computed((): NonNullable<AcceptInvitationData['body']['acceptances']> => policies.value
      .filter(({ sha256 }) => agreed.value[sha256])
      .map(({ slug, number, language, sha256 }) => ({ slug, number, language, sha256 }))),
    /** After a refusal: what is asked by now, where that was why. */
    async readAgain(error: unknown): Promise<void> {
      const { code, errors } = toProblem(error)
      if (code === 'policy.not_in_effect' || errors?.some(({ pointer }) => pointer === '/acceptances')) await refetch()
    },
  }
}
