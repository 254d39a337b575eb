import type { Config } from '../../config/config.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { OidcService } from '../oidc/oidc.service.ts'
import type { PoliciesService } from '../policies/policies.service.ts'
import type { PolicyAnswersService } from '../policies/policy-answers.service.ts'
import type { PolicyQuestionsService } from '../policies/policy-questions.service.ts'
import type { RetentionService } from '../retention/retention.service.ts'
import type { PublicFaceService } from './public-face.service.ts'
import type { RequestsOptions } from './requests.context.ts'
import type { RequestsService } from './requests.service.ts'
import { factLanguageOf } from '../../facts/live-fact.ts'
import { deriveKey } from '../../http/tokens.ts'
import { createLiveFacts } from '../../live-facts.ts'
import { retentionKinds } from '../../retention-kinds.ts'
import { createPoliciesService } from '../policies/policies.service.ts'
import { starterText } from '../policies/policies.starter.ts'
import { createPolicyAnswersService } from '../policies/policy-answers.service.ts'
import { createPolicyQuestionsService } from '../policies/policy-questions.service.ts'
import { createRetentionService } from '../retention/retention.service.ts'
import { createPublicFace } from './public-face.service.ts'
import { createRequestsService } from './requests.service.ts'

/** What those outside meet of a deployment: what it says of itself, and where they ask. */
export interface FrontDoor {
  policies: PoliciesService
  policyAnswers: PolicyAnswersService
  policyQuestions: PolicyQuestionsService
  publicFace: PublicFaceService
  requests: RequestsService
  retention: RetentionService
}

export interface FrontDoorOptions extends Omit<RequestsOptions, 'policies' | 'instance' | 'publicUrl' | 'proofKey' | 'replyKey'> {
  config: Config
  log: { error: (fields: object, message: string) => void }
  instance: InstanceService
  oidc: OidcService
}

export function createFrontDoor(options: FrontDoorOptions): FrontDoor {
  const { config } = options
  const retention = createRetentionService({ ...options, kinds: retentionKinds })
  const policyAnswers = createPolicyAnswersService(options)
  const facts = createLiveFacts({ ...options, policyAnswers, retention })
  const policies = createPoliciesService({
    ...options,
    facts,
    policiesDir: config.policiesDir,
    starter: (kind, language) => starterText(kind, config.deployment, factLanguageOf(language)),
  })
  return {
    policies,
    policyAnswers,
    policyQuestions: createPolicyQuestionsService({
      answers: policyAnswers,
      facts,
      starter: policies.starter,
      preview: policies.preview,
    }),
    retention,
    publicFace: createPublicFace(options),
    requests: createRequestsService({
      ...options,
      policies,
      publicUrl: config.publicUrl,
      proofKey: deriveKey(config.secretKey, 'request-proof'),
      replyKey: deriveKey(config.secretKey, 'request-reply'),
    }),
  }
}
