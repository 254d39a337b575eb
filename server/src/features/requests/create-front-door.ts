import type { Config } from '../../config/config.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { PoliciesService } from '../policies/policies.service.ts'
import type { PublicFaceService } from './public-face.service.ts'
import type { RequestsOptions } from './requests.context.ts'
import type { RequestsService } from './requests.service.ts'
import { deriveKey } from '../../http/tokens.ts'
import { createPoliciesService } from '../policies/policies.service.ts'
import { starterFacts } from '../policies/policies.starter.ts'
import { createPublicFace } from './public-face.service.ts'
import { createRequestsService } from './requests.service.ts'

/** What those outside meet of a deployment: what it says of itself, and where they ask. */
export interface FrontDoor {
  policies: PoliciesService
  publicFace: PublicFaceService
  requests: RequestsService
}

export interface FrontDoorOptions extends Omit<RequestsOptions, 'policies' | 'instance' | 'publicUrl' | 'proofKey'> {
  config: Config
  instance: InstanceService
}

export function createFrontDoor(options: FrontDoorOptions): FrontDoor {
  const { config, instance } = options
  const policies = createPoliciesService({
    ...options,
    facts: async () => starterFacts(await instance.settings(), config),
  })
  return {
    policies,
    publicFace: createPublicFace(options),
    requests: createRequestsService({
      ...options,
      policies,
      publicUrl: config.publicUrl,
      proofKey: deriveKey(config.secretKey, 'request-proof'),
    }),
  }
}
