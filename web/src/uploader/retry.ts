import { ProblemError } from '../api/problem.ts'
import { backOff, sleep } from '../utils/back-off.ts'

export interface RetryOptions {
  signal: AbortSignal
  /** Told the moment of the next try (ms since the epoch), and null when it begins. */
  onWait?: (at: number | null) => void
  /** Looked at before another try; a throw ends it with that. */
  check?: () => Promise<void>
  tries?: number
  random?: () => number
  now?: () => number
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** No answer, too busy, broken for the moment. A full disk or quota (507) stays full. */
export function isWorthRetrying(error: unknown): error is ProblemError {
  return error instanceof ProblemError
    && (error.code.startsWith('network.') || error.status === 408 || error.status === 429 || (error.status >= 500 && error.status !== 507))
}

/** Milliseconds before the next try: what Retry-After asks, never less than the back-off. */
export function retryDelay(error: ProblemError, attempt: number, random = Math.random()): number {
  const own = backOff(attempt, random)
  return error.retryAfter === undefined
    ? own
    : Math.max(own, error.retryAfter * 1000)
}

/** Runs until it succeeds, fails for good, or has been tried `tries` times (about five minutes). */
export async function withRetry<T>(run: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, onWait, check, tries = 14, random = Math.random, now = Date.now, wait = sleep } = options
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted()
    try {
      return await run()
    }
    catch (error) {
      signal.throwIfAborted()
      if (!isWorthRetrying(error) || attempt + 1 >= tries) throw error
      await check?.()
      const ms = retryDelay(error, attempt, random())
      onWait?.(now() + ms)
      await wait(ms, signal)
      onWait?.(null)
    }
  }
}
