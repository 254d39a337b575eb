import type { LiveFact } from './facts/live-fact.ts'
import { instanceFacts } from './features/instance/instance.facts.ts'
import { policyAnswersFacts } from './features/policies/policy-answers.facts.ts'
import { sessionsFacts } from './features/sessions/sessions.facts.ts'
import { signInFacts } from './features/users/sign-in.facts.ts'

/** Where they are read. */
type Sources = Parameters<typeof instanceFacts>[0] & Parameters<typeof policyAnswersFacts>[0] & Parameters<typeof sessionsFacts>[0] & Parameters<typeof signInFacts>[0]

/** Every fact that a policy text may name, in the order in which operators find them; from what each feature offers. */
export function createLiveFacts(sources: Sources): ReadonlyMap<string, LiveFact> {
  const facts = [
    ...instanceFacts(sources),
    ...policyAnswersFacts(sources),
    ...sessionsFacts(sources),
    ...signInFacts(sources),
  ]
  return new Map(facts.map(fact => [fact.name, fact]))
}
