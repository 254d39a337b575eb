import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

export interface MemoryWatch {
  /** @returns bytes that were really held at the worst moment, above those at the start */
  stop: () => number
}

/** Watches what this process holds after collecting garbage: how late the collector comes by itself is not what a test asks. */
export function watchMemory(everyMs = 100): MemoryWatch {
  const held = () => {
    collectGarbage()
    // Not `external`: beside buffers it has what V8 believes of other parts, up to 40 MB more or less with nothing held.
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const start = held()
  let peak = start
  const look = () => { peak = Math.max(peak, held()) }
  const timer = setInterval(look, everyMs)
  return {
    stop() {
      clearInterval(timer)
      look()
      return peak - start
    },
  }
}
