import type { AnswerPolicyQuestionsData } from '../../../api/generated/types.gen.ts'
import type { StarterLanguage } from '../question-words.ts'
import { useQuery, useQueryCache } from '@pinia/colada'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { answerPolicyQuestions, getPolicyFacts } from '../../../api/generated/sdk/policy.gen.ts'
import { reloadQueries } from '../../../utils/reload-queries.ts'
import { starterLanguages } from '../question-words.ts'

export type AnswersInput = AnswerPolicyQuestionsData['body']

const keyOf = (language: StarterLanguage) => ['policies', 'facts', language]

/** The page's language, as far as facts are said in it. */
function useFactLanguage() {
  const { locale } = useI18n()
  return computed(() => starterLanguages.find(language => language === locale.value) ?? 'en')
}

/** The ten questions, and what the server knows besides. */
export function usePolicyFacts() {
  const language = useFactLanguage()
  return useQuery(() => {
    const query = { language: language.value }
    return {
      key: keyOf(query.language),
      query: async ({ signal }) => (await getPolicyFacts({ query, signal })).data,
    }
  })
}

/** Answers some of them. Throws what the server said. */
export function useAnswerQuestions() {
  const cache = useQueryCache()
  const language = useFactLanguage()
  return async (body: AnswersInput) => {
    const query = { language: language.value }
    const { data } = await answerPolicyQuestions({ body, query })
    cache.setQueryData(keyOf(query.language), data)
    // Some of them are settings of the instance; the texts say all of them.
    await Promise.all([
      reloadQueries(cache, ['policies', 'starter']),
      reloadQueries(cache, ['instance']),
    ])
  }
}
