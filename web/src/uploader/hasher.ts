import type { HashAnswer, HashRequest } from './hash.worker.ts'
import type { WholeHash } from './transfer.ts'

/** The file has changed, has gone, or may no longer be read. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError'
}

export interface Hasher {
  /**
   * The SHA-256 of a part in base64, and how far the whole file is hashed now. Parts may come in any order; the whole goes on only
   * when the part is the one that follows. Null where the browser cannot hash: the server does it then.
   * @throws {UnreadableFileError}
   */
  hashPart: (n: number, bytes: Blob, whole: WholeHash | undefined) => Promise<{ digest: string | null, whole: WholeHash | undefined }>
  /** The SHA-256 of all parts in hex; null when it is not known. */
  finish: (whole: WholeHash | undefined, partCount: number) => Promise<string | null>
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never

/** Hashes in a worker, which starts with the first file that needs it. */
export function createHasher(createWorker: () => Worker = () => new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module' })): Hasher {
  let worker: Worker | null = null
  let count = 0
  const pending = new Map<number, (answer: HashAnswer) => void>()

  function failAll() {
    for (const [id, settle] of pending) settle({ id, failure: 'unavailable' })
    pending.clear()
    worker?.terminate()
    worker = null
  }

  function ask(request: WithoutId<HashRequest>): Promise<HashAnswer> {
    const id = ++count
    return new Promise((resolve) => {
      pending.set(id, resolve)
      try {
        if (!worker) {
          worker = createWorker()
          worker.addEventListener('message', ({ data }: MessageEvent<HashAnswer>) => {
            pending.get(data.id)?.(data)
            pending.delete(data.id)
          })
          worker.addEventListener('error', failAll)
        }
        worker.postMessage({ ...request, id })
      }
      catch {
        failAll()
      }
    })
  }

  return {
    async hashPart(n, bytes, whole) {
      const follows = n === (whole?.through ?? 0) + 1
      const answer = await ask({
        kind: 'part',
        bytes,
        state: follows && whole
          ? whole.state
          : null,
        first: n === 1 && follows,
      })
      if ('failure' in answer) {
        if (answer.failure === 'unreadable') throw new UnreadableFileError()
        return { digest: null, whole }
      }
      if (!('digest' in answer)) return { digest: null, whole }
      return {
        digest: answer.digest,
        whole: answer.state
          ? { through: n, state: answer.state }
          : whole,
      }
    },
    async finish(whole, partCount) {
      if (!whole || whole.through !== partCount) return null
      const answer = await ask({ kind: 'finish', state: whole.state })
      return 'sha256' in answer
        ? answer.sha256
        : null
    },
  }
}
