/** How much of a new measurement counts after one second; the rest is what was known before. */
const smoothing = 0.25

/**
 * Bytes a second, smoothed over time, so that a burst or a pause of one part does not make the number jump. `add` takes every
 * byte that left; `read` may be called as often as one likes.
 */
export function createSpeedometer(now: () => number = Date.now) {
  let since: number | null = null
  let pending = 0
  let speed: number | null = null

  function settle(at: number) {
    const seconds = (at - since!) / 1000
    if (seconds < 0.25) return
    const measured = pending / seconds
    const weight = 1 - (1 - smoothing) ** seconds
    speed = speed === null
      ? measured
      : speed + (measured - speed) * weight
    pending = 0
    since = at
  }

  return {
    add(bytes: number) {
      // The first bytes started the clock: how long they took nobody knows.
      if (since === null) {
        since = now()
        return
      }
      // A part that is sent again takes back what it had counted.
      pending = Math.max(0, pending + bytes)
      settle(now())
    },
    /** Null until something can be said. */
    read(): number | null {
      if (since !== null) settle(now())
      return speed
    },
    /** After a pause the old speed says nothing. */
    reset() {
      since = null
      pending = 0
      speed = null
    },
  }
}

/** Seconds until `bytes` are through; null while nobody can tell. */
export function timeLeft(bytes: number, speed: number | null): number | null {
  if (bytes <= 0) return 0
  return speed === null || speed < 1
    ? null
    : bytes / speed
}
