import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as (options?: { type: 'minor' }) => void

const LOOK_EVERY_MS = 100

export interface MemoryWatch {
  /** @returns bytes that were really held at the worst moment, above those at the start */
  stop: () => number
}

/** Watches what this process holds after collecting garbage: how late the collector comes by itself is not what a test asks. */
export function watchMemory(): MemoryWatch {
  const held = () => {
    collectGarbage()
    // The buffers just found are freed by another thread, and the next collection waits for it: without, 62 of 62 MiB that nobody held could count.
    collectGarbage({ type: 'minor' })
    // Not `external`: beside buffers it has what V8 believes of other parts, up to 40 MB more or less with nothing held.
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const start = held()
  let peak = start
  let timer: NodeJS.Timeout
  const look = () => { peak = Math.max(peak, held()) }
  // On a slow machine a look takes long: what is watched must still get on.
  const lookAfter = (ms: number) => {
    timer = setTimeout(() => {
      const began = performance.now()
      look()
      lookAfter(Math.max(LOOK_EVERY_MS, 4 * (performance.now() - began)))
    }, ms)
  }
  lookAfter(LOOK_EVERY_MS)
  return {
    stop() {
      clearTimeout(timer)
      look()
      return peak - start
    },
  }
}
