import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { setTimeout as sleep } from 'node:timers/promises'

/** What is cut is closed by then. */
const CUT_MS = 1000

/** Takes nothing new and lets what is under way end; what has not after `drainMs` is cut. */
export async function drain(app: FastifyInstance, { drainMs, log }: { drainMs: number, log: Pick<Logger, 'warn'> }): Promise<void> {
  const closed = app.close()
  const late = await Promise.race([
    closed,
    sleep(drainMs, 'late', { ref: false }),
  ])
  if (late !== 'late') return
  log.warn('transfers still under way were cut')
  app.server.closeAllConnections()
  await Promise.race([
    closed,
    sleep(CUT_MS, undefined, { ref: false }),
  ])
}
