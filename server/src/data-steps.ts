import type { DataStep } from './db/migrate.ts'
import { rewriteChains } from './features/audit/rewrite-chains.ts'

/** What migrations need done to the data in code, by the features whose data it is. */
export const dataSteps: readonly DataStep[] = [
  rewriteChains(() => []),
]
