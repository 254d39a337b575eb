import type { Feature } from '../../feature.ts'
import { objectsJobs } from './objects.jobs.ts'

export const objectsFeature: Feature = {
  jobs: objectsJobs,
}
