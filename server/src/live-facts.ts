import type { LiveFact } from './facts/live-fact.ts'
import { cookies } from './cookies.ts'
import { browserFacts } from './features/instance/browser.facts.ts'
import { instanceFacts } from './features/instance/instance.facts.ts'
import { retentionFacts } from './features/retention/retention.facts.ts'
import { retentionKinds } from './retention-kinds.ts'

/** Every fact that a policy text may name, in the order in which operators find them; from what each feature offers. */
export function createLiveFacts(sources: Parameters<typeof instanceFacts>[0] & Omit<Parameters<typeof browserFacts>[0], 'cookies'> & Omit<Parameters<typeof retentionFacts>[0], 'kinds'>): ReadonlyMap<string, LiveFact> {
  const facts = [
    ...instanceFacts(sources),
    ...browserFacts({ ...sources, cookies }),
    ...retentionFacts({ ...sources, kinds: retentionKinds }),
  ]
  return new Map(facts.map(fact => [fact.name, fact]))
}
