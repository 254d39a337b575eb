import type { FactLanguage, LiveFact } from '../../facts/live-fact.ts'
import type { Caller } from '../../http/caller.ts'
import type { PolicyKind } from './policies.schemas.ts'
import type { PoliciesService } from './policies.service.ts'
import type { PolicyAnswersInput, PolicyFacts, PolicyStarter } from './policy-answers.schemas.ts'
import type { PolicyAnswersService } from './policy-answers.service.ts'
import { factsOfAnswers } from './policy-answers.facts.ts'

/** What operators are asked so that their texts are true, and the texts that come of it. */
export interface PolicyQuestionsService {
  read: (language?: FactLanguage) => Promise<PolicyFacts>
  /** @throws {AppError} `request.invalid` */
  answer: (caller: Caller, input: PolicyAnswersInput, language?: FactLanguage) => Promise<PolicyFacts>
  /** What a kind begins with, and how it would read now. */
  starter: (kind: PolicyKind, language?: FactLanguage) => Promise<PolicyStarter>
}

export function createPolicyQuestionsService({ answers, facts, starter, preview }: {
  answers: PolicyAnswersService
  facts: ReadonlyMap<string, LiveFact>
  starter: PoliciesService['starter']
  preview: PoliciesService['preview']
}): PolicyQuestionsService {
  async function read(language: FactLanguage = 'en'): Promise<PolicyFacts> {
    const { answers: told, questions } = await answers.readWithQuestions()
    const others = [
      ...facts.values(),
    ].filter(({ name }) => !factsOfAnswers.has(name))
    const known = await Promise.all(others.map(async (fact) => {
      const value = await fact.read()
      return value === null
        ? []
        : [
            {
              name: fact.name,
              label: fact.label[language],
              words: fact.form === 'inline'
                ? fact.words(value, language)
                : null,
              count: Array.isArray(value)
                ? value.length
                : null,
            },
          ]
    }))
    return {
      answers: told,
      questions,
      open: questions.filter(({ state }) => state === 'open').map(({ name }) => name),
      known: known.flat(),
    }
  }

  return {
    read,

    async answer(caller, input, language) {
      await answers.answer(caller, input)
      return read(language)
    },

    async starter(kind, language = 'en') {
      const { title, markdown, highlights } = await starter(kind, language)
      return {
        title,
        highlights,
        source: markdown,
        markdown: (await preview({ language, markdown })).markdown,
      }
    },
  }
}
