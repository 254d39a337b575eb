import type { Executor } from '../../db/database.ts'
import { listIssuers } from './oidc.queries.ts'

/** The addresses of the providers that people may sign in by, workspaces' own too. */
export const issuersOf = (db: Executor): Promise<string[]> => listIssuers(db)
