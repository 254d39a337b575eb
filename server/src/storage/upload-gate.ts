import type { Task, Tasks } from './tasks.ts'
import { StorageError } from './storage.ts'

/** Who may touch an upload's staging file at what time. */
export interface UploadGate {
  /** Runs a send of part `n` once an older send of the same part has been aborted and is over. */
  send: <T>(ref: string, n: number, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>) => Promise<T>
  /** Runs work that must have the upload for itself: aborts its sends, waits for them and for such work before it. */
  alone: <T>(ref: string, work: () => Promise<T>) => Promise<T>
}

interface Upload { sends: Map<number, Task>, alone: Promise<void> | undefined }

/** Holds for one process only, which is why one process at a time may take uploads into a local folder. */
export function createUploadGate(tasks: Tasks): UploadGate {
  const uploads = new Map<string, Upload>()

  function enter(ref: string): Upload {
    const upload = uploads.get(ref) ?? {
      sends: new Map(),
      alone: undefined,
    }
    uploads.set(ref, upload)
    return upload
  }

  function leave(ref: string): void {
    const upload = uploads.get(ref)
    if (upload && upload.sends.size === 0 && !upload.alone)
      uploads.delete(ref)
  }

  return {
    send(ref, n, signal, work) {
      const upload = enter(ref)
      const older = upload.sends.get(n)
      older?.abort(new StorageError('aborted', `part ${n} is being sent again`))
      const before = Promise.all([older?.settled, upload.alone])
      const task = tasks.start(signal, async (signal) => {
        await before
        return work(signal)
      })
      upload.sends.set(n, task)
      void task.settled.then(() => {
        if (upload.sends.get(n) === task)
          upload.sends.delete(n)
        leave(ref)
      })
      return task.result
    },

    async alone(ref, work) {
      const upload = enter(ref)
      const sends = [
        ...upload.sends.values(),
      ]
      for (const send of sends)
        send.abort(new StorageError('aborted', 'the upload is being ended'))
      const before = Promise.all([
        upload.alone,
        ...sends.map(send => send.settled),
      ])
      const result = before.then(work)
      const over = result.then(() => {}, () => {})
      upload.alone = over
      try {
        return await result
      }
      finally {
        if (upload.alone === over)
          upload.alone = undefined
        leave(ref)
      }
    },
  }
}
