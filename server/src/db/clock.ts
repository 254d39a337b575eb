import type { Executor } from './database.ts'
import { sql } from 'drizzle-orm'

const MEASURE_EVERY_MS = 60_000
/** The quickest answer tells the time best: the error is at most half of its way. */
const SAMPLES = 5
/** Less is normal for machines that keep their clocks by NTP, and matters to nobody. */
const TOLD_MS = 2000

export interface DeploymentClock {
  now: () => Date
  close: () => void
}

export interface DeploymentClockOptions {
  db: Executor
  log: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
  /** What this machine takes for the time. */
  machineNow?: () => number
  measureEveryMs?: number
}

interface Measurement { at: number, time: number, wayMs: number }

/**
 * One clock for all processes of a deployment, whatever their machines take for the time: the database's. It is asked at the start and each
 * minute; between, and while the database is away, the time since is counted by the machine's monotonic clock, which nobody sets.
 */
export async function keepDeploymentClock({ db, log, machineNow = Date.now, measureEveryMs = MEASURE_EVERY_MS }: DeploymentClockOptions): Promise<DeploymentClock> {
  let last = await measure(db)
  let toldMs = 0
  const nowMs = () => last.time + performance.now() - last.at

  function tell(): void {
    const aheadMs = machineNow() - nowMs()
    const wrong = Math.abs(aheadMs) > TOLD_MS
    if (wrong && Math.abs(aheadMs - toldMs) > TOLD_MS) {
      log.error({
        aheadMs: Math.round(aheadMs),
      }, `The clock of this machine is ${inWords(Math.abs(aheadMs))} ${aheadMs > 0
        ? 'ahead of'
        : 'behind'} the database’s, which all go by. Set right the one that is wrong, best by NTP (timedatectl set-ntp true)`)
      toldMs = aheadMs
    }
    else if (!wrong && toldMs !== 0) {
      log.info({}, 'The clock of this machine agrees with the database’s again')
      toldMs = 0
    }
  }

  tell()
  let measuring = false
  const timer = setInterval(async () => {
    if (measuring) return
    measuring = true
    try {
      const next = await measure(db)
      // One that could agree with what is known, and is no better, would only make the time jump to and fro.
      const surprise = Math.abs(next.time - next.at - (last.time - last.at))
      if (next.wayMs < last.wayMs || surprise > next.wayMs / 2) last = next
      tell()
    }
    catch {
      // The database is away, of which others tell.
    }
    finally {
      measuring = false
    }
  }, measureEveryMs).unref()

  return {
    now: () => new Date(nowMs()),
    close: () => clearInterval(timer),
  }
}

async function measure(db: Executor): Promise<Measurement> {
  let best: Measurement | undefined
  for (let sample = 0; sample < SAMPLES; sample++) {
    const asked = performance.now()
    const { rows: [row] } = await db.execute<{ ms: string }>(sql`select extract(epoch from clock_timestamp()) * 1000 as ms`)
    const answered = performance.now()
    if (best && answered - asked >= best.wayMs) continue
    best = {
      at: (asked + answered) / 2,
      time: Number(row!.ms),
      wayMs: answered - asked,
    }
  }
  return best!
}

function inWords(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} seconds`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48
    ? `${hours} hours`
    : `${Math.round(hours / 24)} days`
}
