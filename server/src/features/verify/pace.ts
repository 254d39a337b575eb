import { setTimeout as sleep } from 'node:timers/promises'

/** Shorter waits cost more than they bring. */
const LEAST_MS = 20
/** After a pause this much of it at most is caught up on. */
const CATCH_UP_MS = 100

export interface PaceOptions {
  bytesPerSecond: number
  signal: AbortSignal
  /** Milliseconds of a clock that nobody sets. */
  now?: () => number
  wait?: (ms: number, signal: AbortSignal) => Promise<unknown>
}

/** Lets bytes through at a rate: who calls it after each piece waits in it for as long as the piece came too early. */
export function createPace({ bytesPerSecond, signal, now = () => performance.now(), wait = (ms, signal) => sleep(ms, undefined, { signal }) }: PaceOptions): (count: number) => Promise<void> {
  let due = now()
  return async (count) => {
    due = Math.max(due, now() - CATCH_UP_MS) + count / bytesPerSecond * 1000
    const early = due - now()
    if (early >= LEAST_MS) await wait(early, signal)
  }
}
