import type { Config } from '../../config/config.ts'
import type { Db } from '../../db/database.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { PoliciesService } from '../policies/policies.service.ts'
import type { PolicyQuestionsService } from '../policies/policy-questions.service.ts'
import type { RequestsService } from './requests.service.ts'
import { createLiveFacts } from '../../live-facts.ts'
import { createPoliciesService } from '../policies/policies.service.ts'
import { createPolicyAnswersService } from '../policies/policy-answers.service.ts'
import { createPolicyQuestionsService } from '../policies/policy-questions.service.ts'
import { createRequestsService } from './requests.service.ts'

/** What those outside meet of a deployment: what it says of itself, and where they ask. */
export interface FrontDoor {
  policies: PoliciesService
  policyQuestions: PolicyQuestionsService
  requests: RequestsService
}

export interface FrontDoorOptions {
  config: Config
  db: Db
  audit: AuditLog
  throttle: Throttle
  instance: InstanceService
  clock: () => Date
  newId: () => string
}

export function createFrontDoor(options: FrontDoorOptions): FrontDoor {
  const policyAnswers = createPolicyAnswersService(options)
  return {
    policies: createPoliciesService(options),
    policyQuestions: createPolicyQuestionsService({
      ...options,
      answers: policyAnswers,
      facts: createLiveFacts({ ...options, policyAnswers }),
    }),
    requests: createRequestsService(options),
  }
}
