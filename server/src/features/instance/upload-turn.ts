import type { KeptConnectionTimes } from '../../db/kept-connection.ts'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import { keepConnection } from '../../db/kept-connection.ts'
import { unavailable } from '../../errors/common-errors.ts'

const TRY_AGAIN_MS = 2000

/** Which of the processes that serve from one local folder takes uploads into it: one at a time (`storage/upload-gate.ts`). */
export interface UploadTurn {
  /** Takes the turn when nobody has it, and else waits for it. */
  start: () => Promise<void>
  /** Another process has it. */
  isOthers: () => boolean
  /** @throws {AppError} `service.unavailable` when another process has it */
  require: () => void
  stop: () => Promise<void>
}

export interface UploadTurnOptions extends KeptConnectionTimes {
  databaseUrl: string
  log: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
  onError: (error: unknown) => void
}

/** Where any number of processes may take uploads, nobody waits for another. */
export const everybodysTurn: UploadTurn = {
  start: async () => {},
  isOthers: () => false,
  require: () => {},
  stop: async () => {},
}

/** The turn lasts as long as its connection to the database: a process that dies leaves it to the next. */
export function createUploadTurn({ databaseUrl, log, onError, ...times }: UploadTurnOptions): UploadTurn {
  let others = false
  let timer: NodeJS.Timeout | undefined
  let kept: ReturnType<typeof keepConnection> | undefined

  async function attempt(lock: () => Promise<boolean>): Promise<void> {
    const mine = await lock()
    if (!mine && !others) log.error({}, 'Another server takes uploads into the storage folder, so this one takes none. STORAGE=local is for one server: set SERVER_REPLICAS=1, or move the bytes to S3')
    if (mine && others) log.info({}, 'The other server has gone: this one takes uploads into the storage folder now')
    others = !mine
    // An error is the connection's, which is made again then and begins anew.
    if (others) timer = setTimeout(() => void attempt(lock).catch(() => {}), TRY_AGAIN_MS).unref()
  }

  return {
    async start() {
      kept ??= keepConnection({
        ...times,
        databaseUrl,
        name: 'clientshare-uploads',
        async begin(client) {
          clearTimeout(timer)
          await attempt(async () => {
            const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [advisoryLocks.uploading])
            return rows[0]!.held
          })
        },
        onLost(error) {
          onError(error)
          return 'retry'
        },
      })
      await kept
    },
    isOthers: () => others,
    require() {
      if (others) throw unavailable({ detail: 'Another server takes the uploads' })
    },
    async stop() {
      const connection = await kept?.catch(() => undefined)
      clearTimeout(timer)
      await connection?.close()
    },
  }
}
