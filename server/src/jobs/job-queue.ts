import type { Executor } from '../db/database.ts'
import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { fromDrizzle, PgBoss } from 'pg-boss'
import { holdJob } from './job-hold.ts'

/** A kind of background work. The payload holds ids only: the handler reads the truth from the database. */
export interface Job<Payload extends object = object> {
  'name': string
  /** A run that takes longer is given to another worker. */
  'expireInSeconds': number
  /** How often it is begun again, after a failure or because the worker that had it is gone. */
  'retryLimit': number
  /** Runs on this schedule (cron, UTC) with an empty payload. */
  'cron'?: string
  /** Only one run at a time in the whole deployment. */
  'exclusive'?: boolean
  readonly '~payload'?: Payload
}

export interface JobHandler<Payload extends object = any> {
  job: Job<Payload>
  /**
   * May run twice, even at the same time (a worker that was taken for dead): what it does is done once all the same. The signal is aborted
   * when the job is no longer this worker's.
   */
  handle: (payload: Payload, context: { signal: AbortSignal }) => Promise<void>
}

export interface SendOptions {
  startAfterSeconds?: number
  /** Of all that are sent with the same words, one is done (for as long as the queue remembers: a day at least). */
  once?: string
}

export interface JobQueue {
  /** Enqueues inside the caller's transaction: rolled back with it, started after its commit. */
  send: <Payload extends object>(db: Executor, job: Job<Payload>, payload: Payload, options?: SendOptions) => Promise<void>
  /** Connects; with handlers it also works and keeps the schedules. */
  start: (handlers: JobHandler[], options: { work: boolean }) => Promise<void>
  /** Gives what does not end soon to another worker at once, which would else have to notice first that this one is gone. */
  stop: () => Promise<void>
}

export function defineJob<Payload extends object>(job: Job<Payload>): Job<Payload> {
  return job
}

/** What a job under way has, when the process stops, to come to its end; then it is another's. Less than the process itself has. */
const STOP_MS = 2000
/** A worker that was not heard of for so long is gone: pg-boss knows nothing shorter. */
const SILENT_SECONDS = 10
const BEAT_MS = 3000
/** How often each process looks for what the gone have left: with the silence 15 s at most, and some more on a machine that has much to do. */
const LOOK_MS = 5000

/** The one place that knows pg-boss. */
export function createJobQueue(options: { databaseUrl: string, onError: (error: unknown) => void }): JobQueue {
  let boss: PgBoss | undefined
  let watch: NodeJS.Timeout | undefined

  return {
    async send(db, job, payload, { startAfterSeconds, once } = {}) {
      if (!boss) throw new Error('The job queue has not started')
      await boss.send(job.name, payload, {
        db: fromDrizzle(db, sql),
        startAfter: startAfterSeconds,
        ...once === undefined
          ? {}
          : {
              id: idOf(once),
            },
      })
    },

    async start(handlers, { work }) {
      const own = boss = new PgBoss({
        connectionString: options.databaseUrl,
        application_name: 'clientshare-jobs',
        max: work ? 4 : 2,
        migrate: false,
        createSchema: false,
        schedule: work,
        supervise: work,
        useListenNotify: work,
      })
      own.on('error', options.onError)
      await own.start()
      const standing = new Map((await own.getQueues()).map(queue => [queue.name, queue]))
      for (const { job } of handlers) {
        const policy = job.exclusive ? 'exclusive' : 'standard'
        const wanted = {
          expireInSeconds: job.expireInSeconds,
          heartbeatSeconds: SILENT_SECONDS,
          retryLimit: job.retryLimit,
          retryBackoff: true,
          retryDelay: 5,
        }
        // A start beside others, which is the usual one, writes nothing and waits for no lock.
        if (isSuperset(standing.get(job.name) ?? {}, { policy, notify: true, ...wanted })) continue
        await own.createQueue(job.name, { policy, notify: true })
        await own.updateQueue(job.name, wanted)
      }
      if (!work) return
      for (const { job, handle } of handlers) {
        let worker = ''
        // The beats are ours (`holdJob`): pg-boss's own tell nobody when they do not get through.
        worker = await own.work(job.name, { batchSize: 1, pollingIntervalSeconds: 5, heartbeatRefreshSeconds: 86_400 }, async (jobs) => {
          // What has piled up is asked for at once, not one each poll: one NOTIFY may have stood for all of it.
          own.notifyWorker(worker)
          for (const taken of jobs) {
            const hold = holdJob({
              signal: taken.signal,
              silentMs: SILENT_SECONDS * 1000,
              beatMs: BEAT_MS,
              onError: options.onError,
              // Only the attempt that this worker took: one taken up by another is not held any more.
              beat: async () => affected(await own.touch(job.name, taken)),
            })
            await handle(taken.data as object, { signal: hold.signal }).finally(hold.end)
          }
        })
        await (job.cron
          ? own.schedule(job.name, job.cron, {})
          // It may have had one, before the settings changed.
          : own.unschedule(job.name))
      }
      const names = handlers.map(({ job }) => job.name)
      watch = setInterval(() => void takeUpLost(own, names).catch(options.onError), LOOK_MS)
    },

    async stop() {
      clearInterval(watch)
      await boss?.stop({ graceful: true, close: true, timeout: STOP_MS })
      boss = undefined
    },
  }
}

const isSuperset = (whole: object, part: object) => Object.entries(part).every(([name, value]) => (whole as Record<string, unknown>)[name] === value)

/**
 * Gives what a worker held that is gone to another, at once: its end is no fault of the job, and how long a run of it may take does not
 * matter. pg-boss's own monitor does it too, but each minute, after reading through all jobs, and with the delay of a failure.
 */
async function takeUpLost(boss: PgBoss, names: string[]): Promise<void> {
  const { rows } = await boss.getDb().executeSql(`
    select name, id, retry_count from pgboss.job
    where name = any($1::text[]) and state = 'active' and heartbeat_on + heartbeat_seconds * interval '1 second' < pgboss.job_now()`, [names]) as { rows: { name: string, id: string, retry_count: number }[] }
  for (const { name, id, retry_count: retryCount } of rows) {
    // Of several processes that look at the same moment one does it.
    const gone = affected(await boss.fail(name, { id, retryCount }, { message: 'the worker is gone' }))
    // And wakes a worker.
    if (gone) await boss.update(name, undefined, { id, startAfter: 0 })
  }
}

/** Documented, but not in pg-boss's types. */
const affected = (response: object) => (response as { affected: number }).affected > 0

/** The queue takes no second job with an id that it knows. */
function idOf(words: string): string {
  const hex = createHash('sha256').update(words).digest('hex')
  // A UUID of version 8, one of one's own making.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** COPY of the work that has not ended: what a backup keeps of the queue. A schedule's own comes by its schedule. */
export const COPY_UNFINISHED = `copy (
  select name, data from pgboss.job where state < 'completed' and name not in (select name from pgboss.schedule) and name not like '\\_\\_pgboss%'
) to stdout`
