import { StorageError } from './storage.ts'

/** Work under way that can be told to stop and waited for. */
export interface Task {
  abort: (reason: unknown) => void
  /** Resolves when the work is over, well or not, and has let go of what it held. */
  settled: Promise<void>
}

export interface Tasks {
  /** Starts work that hears of its caller's abort and of `close`. Once closed, work starts aborted: it is to clean up and reject. */
  start: <T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>) => Task & { result: Promise<T> }
  /** Has `close` stop and await work that was started elsewhere. */
  add: (task: Task) => void
  assertOpen: () => void
  /** Aborts what is under way and waits for it. */
  close: () => Promise<void>
}

/** Keeps track of work so that closing leaves none behind. */
export function createTasks(): Tasks {
  const live = new Set<Task>()
  let closed = false

  const closedError = () => new StorageError('unavailable', 'the store is closed')

  function add(task: Task): void {
    live.add(task)
    void task.settled.then(() => live.delete(task))
  }

  return {
    add,
    start(signal, work) {
      const controller = new AbortController()
      const onAbort = () => controller.abort(signal?.reason)
      if (closed)
        controller.abort(closedError())
      else if (signal?.aborted)
        onAbort()
      signal?.addEventListener('abort', onAbort, { once: true })

      const result = work(controller.signal).finally(() => signal?.removeEventListener('abort', onAbort))
      const task = {
        abort: (reason: unknown) => controller.abort(reason),
        settled: result.then(() => {}, () => {}),
        result,
      }
      add(task)
      return task
    },
    assertOpen() {
      if (closed)
        throw closedError()
    },
    async close() {
      closed = true
      for (const task of live)
        task.abort(new StorageError('aborted', 'the store is closing'))
      await Promise.all([...live].map(task => task.settled))
    },
  }
}
