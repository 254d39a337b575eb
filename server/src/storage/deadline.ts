import { StorageError } from './storage.ts'

/** Stops waiting for a probe. The work itself goes on to its own end. */
export async function withDeadline(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StorageError('unavailable', `the store took more than ${timeoutMs} ms to write`)), timeoutMs)
  })
  try {
    await Promise.race([work, late])
  }
  finally {
    clearTimeout(timer)
  }
}
