import type { Db, Tx } from '../../db/database.ts'
import type { LiveBus } from '../../live/live-bus.ts'
import type { Place, ReaderState } from './audit-readers.queries.ts'
import type { ToldRow } from './audit-told.queries.ts'
import { isDatabaseUnavailable, tookTooLong, withoutQuery } from '../../db/db-errors.ts'
import { describeError } from '../../http/request-log.ts'
import * as queries from './audit-readers.queries.ts'
import { INSTANCE_CHAIN } from './audit.service.ts'

export type { ToldRow }

/**
 * Whoever tells somebody of something reads the log; no service does it itself. Each reader has a place of its own in every chain and gets that
 * chain's events in their order.
 */
export interface AuditReader {
  /** Its places are known by it: never changed. */
  name: string
  /** All of them when absent. */
  actions?: readonly string[]
  /**
   * Gets events of one chain, oldest first. What it writes is committed with its place, so it happens once; what leaves the database leaves
   * from a row that it writes.
   */
  read: (tx: Tx, events: readonly ToldRow[]) => Promise<void>
}

export interface AuditReaders {
  /** Reads from now on, in a process that works: what was committed, told by NOTIFY, and by a sweep what was missed. */
  start: (readers: readonly AuditReader[]) => Promise<void>
  /** Ends what is under way first. */
  stop: () => Promise<void>
  states: () => Promise<ReaderState[]>
}

export interface AuditReadersOptions {
  db: Db
  live: LiveBus
  clock: () => Date
  log: { error: (fields: object, message: string) => void }
  sweepMs?: number
  /** From the first failure to the next try; doubles with each. */
  backOffMs?: number
  batch?: number
}

const SWEEP_MS = 10_000
const BACK_OFF_MS = 5000
const LONGEST_BACK_OFF_MS = 15 * 60_000
const BATCH = 200
const ERROR_LENGTH = 300

export function createAuditReaders({ db, live, clock, log, sweepMs = SWEEP_MS, backOffMs = BACK_OFF_MS, batch = BATCH }: AuditReadersOptions): AuditReaders {
  let lines: ReturnType<typeof createLine>[] = []
  let stopWatching = () => {}
  let sweeping: Promise<void> | undefined

  /** One reader's work in this process: a batch of one chain after the other, so that none holds up another for long, and no reader another reader. */
  function createLine(reader: AuditReader) {
    const waiting = new Set<string>()
    /** Chains where a batch failed, and how far it reached: up to there one by one, until the event is known. */
    const careful = new Map<string, number>()
    let working: Promise<void> | undefined
    let stopped = false

    async function work(): Promise<void> {
      for (const chainId of waiting) {
        waiting.delete(chainId)
        if (stopped) return
        // Behind the others that wait.
        if (await readBatch(reader, chainId, careful) === 'more') waiting.add(chainId)
      }
    }

    function begin(): void {
      working ??= work().finally(() => {
        working = undefined
        // What came between the last look and this.
        if (waiting.size > 0 && !stopped) begin()
      })
    }

    return {
      name: reader.name,
      wake(chainId: string): void {
        waiting.add(chainId)
        begin()
      },
      async stop() {
        stopped = true
        await working
      },
    }
  }

  async function readBatch(reader: AuditReader, chainId: string, careful: Map<string, number>): Promise<'more' | 'done'> {
    const place: Place = { reader: reader.name, chainId }
    let from: number | undefined
    let last = 0
    try {
      const outcome = await db.transaction(async (tx) => {
        const locked = await queries.lockPlace(tx, place)
        if (!locked) return 'nothing'
        if (locked.retryAt && locked.retryAt > clock()) return 'done'
        const head = await queries.findHead(tx, chainId)
        if (head <= locked.seq) return 'done'
        const isCareful = locked.seq < (careful.get(chainId) ?? 0)
        const limit = isCareful
          ? 1
          : batch
        const events = await queries.listNext(tx, chainId, {
          after: locked.seq,
          last: head,
          actions: reader.actions,
          limit,
        })
        if (!isCareful) careful.delete(chainId)
        const isFull = events.length === limit
        from = locked.seq
        last = isFull
          ? events.at(-1)!.seq
          : head
        if (events.length > 0) await reader.read(tx, events)
        await queries.movePlace(tx, place, last)
        return isFull
          ? 'more'
          : 'done'
      })
      if (outcome !== 'nothing') return outcome
      return await queries.makePlace(db, place)
        ? 'more'
        : 'done'
    }
    catch (error) {
      // A database that is away is nobody's fault, and the sweep finds what is left; a statement that took too long is the reader's own.
      if (from === undefined || (isDatabaseUnavailable(error) && !tookTooLong(error))) {
        log.error({ err: error, reader: reader.name }, 'the log could not be read')
        return 'done'
      }
      if (last > from + 1 && !careful.has(chainId)) {
        careful.set(chainId, last)
        return 'more'
      }
      log.error({
        err: error,
        reader: reader.name,
        chainId,
        seq: from + 1,
      }, 'a reader of the log failed')
      await noteFailure(place, from, error)
      return 'done'
    }
  }

  async function noteFailure(place: Place, seq: number, error: unknown): Promise<void> {
    try {
      await db.transaction(async (tx) => {
        const attempts = await queries.countFailure(tx, place, seq, explain(error))
        if (attempts === undefined) return
        await queries.retryLater(tx, place, new Date(clock().getTime() + Math.min(backOffMs * 2 ** (attempts - 1), LONGEST_BACK_OFF_MS)))
      })
    }
    catch (failure) {
      log.error({ err: failure, reader: place.reader }, 'a failure of a reader could not be noted')
    }
  }

  async function sweep(): Promise<void> {
    try {
      const due = await queries.findDue(db, lines.map(({ name }) => name), clock())
      for (const { reader, chainId } of due) lines.find(({ name }) => name === reader)?.wake(chainId)
    }
    catch (error) {
      log.error({ err: error }, 'readers of the log could not be swept')
    }
  }
  const sweepOnce = () => { sweeping ??= sweep().finally(() => { sweeping = undefined }) }

  return {
    async start(readers) {
      for (const { name } of readers) await queries.registerReader(db, name, INSTANCE_CHAIN)
      lines = readers.map(createLine)
      const unsubscribe = live.subscribeAll((event) => {
        if (event.topic === 'activity' && event.userId === undefined) {
          for (const line of lines) line.wake(event.workspaceId)
        }
      })
      const endGaps = live.onGap(sweepOnce)
      const timer = setInterval(sweepOnce, sweepMs)
      stopWatching = () => {
        unsubscribe()
        endGaps()
        clearInterval(timer)
      }
      sweepOnce()
    },
    async stop() {
      stopWatching()
      await sweeping
      await Promise.all(lines.map(line => line.stop()))
    },
    states: () => queries.listStates(db),
  }
}

/** For the operator's eyes: no statement and none of its values. */
function explain(error: unknown): string {
  const { type, message, code } = describeError(withoutQuery(error))
  return (message ?? `${type} ${code}`).slice(0, ERROR_LENGTH).toWellFormed().replaceAll('\0', '')
}
