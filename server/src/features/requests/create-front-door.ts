import type { Config } from '../../config/config.ts'
import type { Db } from '../../db/database.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { PoliciesService } from '../policies/policies.service.ts'
import type { RetentionService } from '../retention/retention.service.ts'
import type { RequestsService } from './requests.service.ts'
import { retentionKinds } from '../../retention-kinds.ts'
import { createPoliciesService } from '../policies/policies.service.ts'
import { starterFacts } from '../policies/policies.starter.ts'
import { createRetentionService } from '../retention/retention.service.ts'
import { createRequestsService } from './requests.service.ts'

/** What those outside meet of a deployment: what it says of itself, and where they ask. */
export interface FrontDoor {
  policies: PoliciesService
  requests: RequestsService
  retention: RetentionService
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
  const { config, instance } = options
  const retention = createRetentionService({ ...options, kinds: retentionKinds })
  return {
    policies: createPoliciesService({
      ...options,
      facts: async () => starterFacts(await instance.settings(), config, await retention.spans()),
    }),
    requests: createRequestsService(options),
    retention,
  }
}
