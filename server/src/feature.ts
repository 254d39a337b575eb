import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { TSchema } from 'typebox'
import type { Deps } from './deps.ts'
import type { AuditReader } from './features/audit/audit-readers.service.ts'
import type { JobHandler } from './jobs/job-queue.ts'
import type { ReplyTaker } from './mail/replies.ts'

/** What a feature adds to the server; `features.ts` names each once. */
export interface Feature {
  /** What the API's description calls by name. */
  shapes?: readonly TSchema[]
  routes?: (deps: Deps) => FastifyPluginAsyncTypebox
  /** What stands outside the API's base, at an address that others chose. */
  bareRoutes?: (deps: Deps) => FastifyPluginAsyncTypebox
  jobs?: (deps: Deps) => JobHandler[]
  /** What reads the log in the background. */
  readers?: (deps: Deps) => AuditReader[]
  /** What takes mails that people send to us. */
  replies?: (deps: Deps) => ReplyTaker[]
}
