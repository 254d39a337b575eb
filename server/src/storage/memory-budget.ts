import { abortedBy } from './disk.ts'
import { StorageError } from './storage.ts'

/** A number of equal buffers that all uploads of a process share. */
export interface MemoryBudget {
  /**
   * Waits for one, first come, first served.
   * @returns gives it back; more than once does no harm
   * @throws StorageError `unavailable` after `waitMs`
   */
  take: (signal: AbortSignal) => Promise<() => void>
}

export function createMemoryBudget({ buffers, waitMs }: { buffers: number, waitMs: number }): MemoryBudget {
  const waiting = new Set<() => void>()
  let free = buffers

  function release(): void {
    const [next] = waiting
    if (next)
      next()
    else
      free++
  }

  function once(): () => void {
    let held = true
    return () => {
      if (held)
        release()
      held = false
    }
  }

  return {
    async take(signal) {
      if (signal.aborted)
        throw abortedBy(signal)
      if (free > 0) {
        free--
        return once()
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      // Out of the queue at once: what is given to one who no longer waits would be lost.
      const give = () => {
        waiting.delete(give)
        resolve()
      }
      const refuse = (error: Error) => {
        waiting.delete(give)
        reject(error)
      }
      const onAbort = () => refuse(abortedBy(signal))
      const timer = setTimeout(() => refuse(new StorageError('unavailable', `too many uploads of unknown length: no memory for another one within ${waitMs} ms`)), waitMs)
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.add(give)
      try {
        await promise
        return once()
      }
      finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
    },
  }
}
