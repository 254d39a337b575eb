const firstDelayMs = 1_000
const longestDelayMs = 30_000

/** Milliseconds to wait before another try, by “equal jitter”: never at once, never all together. `attempt` from 0. */
export function backOff(attempt: number, random = Math.random(), first = firstDelayMs): number {
  const ceiling = Math.min(longestDelayMs, first * 2 ** attempt)
  return Math.round(ceiling / 2 + random * ceiling / 2)
}

/** Waits, or ends early when the signal is aborted; who calls looks at the signal. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
}
