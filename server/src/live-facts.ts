import type { Config } from './config/config.ts'
import type { Db } from './db/database.ts'
import type { LiveFact } from './facts/live-fact.ts'
import type { InstanceService } from './features/instance/instance.service.ts'
import type { RetentionService } from './features/retention/retention.service.ts'
import { cookies } from './cookies.ts'
import { browserFacts } from './features/instance/browser.facts.ts'
import { instanceFacts } from './features/instance/instance.facts.ts'
import { outgoingFacts } from './features/instance/outgoing.facts.ts'
import { issuersOf } from './features/oidc/issuers.ts'
import { policyAnswersFacts } from './features/policies/policy-answers.facts.ts'
import { personalDataFacts } from './features/retention/personal-data.facts.ts'
import { retentionFacts } from './features/retention/retention.facts.ts'
import { sessionsFacts } from './features/sessions/sessions.facts.ts'
import { signInFacts } from './features/users/sign-in.facts.ts'
import { outgoing } from './outgoing.ts'
import { personalData } from './personal-data.ts'
import { retentionKinds } from './retention-kinds.ts'

/** What facts are read from. */
export type FactSources = Parameters<typeof policyAnswersFacts>[0] & Parameters<typeof sessionsFacts>[0] & Parameters<typeof signInFacts>[0] & {
  db: Db
  config: Config
  instance: Pick<InstanceService, 'settings'>
  retention: Pick<RetentionService, 'spans'>
}

/** Every fact that a policy text may name, in the order in which operators find them; from what each feature offers. */
export function createLiveFacts(sources: FactSources): ReadonlyMap<string, LiveFact> {
  const facts = [
    ...instanceFacts(sources),
    ...policyAnswersFacts(sources),
    ...sessionsFacts(sources),
    ...signInFacts(sources),
    ...browserFacts({ ...sources, cookies }),
    ...outgoingFacts({
      ...sources,
      outgoing,
      issuers: () => issuersOf(sources.db),
    }),
    ...retentionFacts({ ...sources, kinds: retentionKinds }),
    ...personalDataFacts({ ...sources, personalData }),
  ]
  return new Map(facts.map(fact => [fact.name, fact]))
}
