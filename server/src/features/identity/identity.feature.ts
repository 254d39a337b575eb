import type { Feature } from '../../feature.ts'
import { identityJobs } from './identity.jobs.ts'

export const identityFeature: Feature = {
  jobs: identityJobs,
}
