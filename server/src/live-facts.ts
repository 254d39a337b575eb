import type { LiveFact } from './facts/live-fact.ts'
import { instanceFacts } from './features/instance/instance.facts.ts'
import { policyAnswersFacts } from './features/policies/policy-answers.facts.ts'

/** Every fact that a policy text may name, in the order in which operators find them; from what each feature offers. */
export function createLiveFacts(sources: Parameters<typeof instanceFacts>[0] & Parameters<typeof policyAnswersFacts>[0]): ReadonlyMap<string, LiveFact> {
  const facts = [
    ...instanceFacts(sources),
    ...policyAnswersFacts(sources),
  ]
  return new Map(facts.map(fact => [fact.name, fact]))
}
