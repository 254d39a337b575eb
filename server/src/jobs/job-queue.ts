import type { Executor } from '../db/database.ts'
import { sql } from 'drizzle-orm'
import { fromDrizzle, PgBoss } from 'pg-boss'

/** A kind of background work. The payload holds ids only: the handler reads the truth from the database. */
export interface Job<Payload extends object = object> {
  'name': string
  /** A run that takes longer is given to another worker. */
  'expireInSeconds': number
  'retryLimit': number
  /** Runs on this schedule (cron, UTC) with an empty payload. */
  'cron'?: string
  /** Only one run at a time in the whole deployment. */
  'exclusive'?: boolean
  readonly '~payload'?: Payload
}

export interface JobHandler<Payload extends object = any> {
  job: Job<Payload>
  handle: (payload: Payload, context: { signal: AbortSignal }) => Promise<void>
}

export interface JobQueue {
  /** Enqueues inside the caller's transaction: rolled back with it, started after its commit. */
  send: <Payload extends object>(db: Executor, job: Job<Payload>, payload: Payload, options?: { startAfterSeconds?: number }) => Promise<void>
  /** Connects; with handlers it also works and keeps the schedules. */
  start: (handlers: JobHandler[], options: { work: boolean }) => Promise<void>
  /** Gives what does not end soon to another worker: cut off with the process, it would be nobody's until it expires. */
  stop: () => Promise<void>
}

export function defineJob<Payload extends object>(job: Job<Payload>): Job<Payload> {
  return job
}

/** What a job under way has, when the process stops, to come to its end; then it is another's. Less than the process itself has. */
const STOP_MS = 2000

/** The one place that knows pg-boss. */
export function createJobQueue(options: { databaseUrl: string, onError: (error: unknown) => void }): JobQueue {
  let boss: PgBoss | undefined

  return {
    async send(db, job, payload, { startAfterSeconds } = {}) {
      if (!boss) throw new Error('The job queue has not started')
      await boss.send(job.name, payload, {
        db: fromDrizzle(db, sql),
        startAfter: startAfterSeconds,
      })
    },

    async start(handlers, { work }) {
      boss = new PgBoss({
        connectionString: options.databaseUrl,
        application_name: 'clientshare-jobs',
        max: work ? 4 : 2,
        migrate: false,
        createSchema: false,
        schedule: work,
        supervise: work,
        useListenNotify: work,
      })
      boss.on('error', options.onError)
      await boss.start()
      for (const { job } of handlers) {
        await boss.createQueue(job.name, {
          policy: job.exclusive ? 'exclusive' : 'standard',
          notify: true,
        })
        await boss.updateQueue(job.name, {
          expireInSeconds: job.expireInSeconds,
          retryLimit: job.retryLimit,
          retryBackoff: true,
          retryDelay: 5,
        })
      }
      if (!work) return
      for (const { job, handle } of handlers) {
        let worker = ''
        worker = await boss.work(job.name, { batchSize: 1, pollingIntervalSeconds: 5 }, async (jobs) => {
          // What has piled up is asked for at once, not one each poll: one NOTIFY may have stood for all of it.
          boss?.notifyWorker(worker)
          for (const { data, signal } of jobs) await handle(data as object, { signal })
        })
        if (job.cron) await boss.schedule(job.name, job.cron, {})
      }
    },

    async stop() {
      await boss?.stop({ graceful: true, close: true, timeout: STOP_MS })
      boss = undefined
    },
  }
}
