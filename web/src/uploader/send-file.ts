import type { Hasher } from './hasher.ts'
import type { Slots } from './slots.ts'
import type { Transfer, UploadedItem, UploadSession } from './transfer.ts'
import type { Transport } from './transport.ts'
import { ProblemError } from '../api/problem.ts'
import { UnreadableFileError } from './hasher.ts'
import { missingParts, partRange } from './part-plan.ts'
import { withRetry } from './retry.ts'

/** Up to here a file goes in one request. */
export const smallFileBytes = 8 * 1024 * 1024

export interface SendDeps {
  transport: Transport
  hasher: Hasher
  /** Requests with a body, over all files. */
  slots: Slots
  /** Bytes that left (negative: that have to leave again). */
  onBytes: (transfer: Transfer, bytes: number) => void
  onChange: () => void
  /** Remembers the session and how far it is. */
  save: (transfer: Transfer) => void
  random?: () => number
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** The server knows this upload no longer: expired, aborted, or the server was set up anew. */
const isForgotten = (error: unknown) => error instanceof ProblemError && [401, 403, 404, 410].includes(error.status)

/** As often as the parts are sent again that the server's store has lost in joining them. */
const MAX_LOSSES = 3
const isLost = (error: unknown) => error instanceof ProblemError && error.code === 'upload.incomplete'

/** @throws {UnreadableFileError} when the first byte of it cannot be read: a request with such a body fails as a dead network does. */
async function assertReadable(file: Blob): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer()
  }
  catch {
    throw new UnreadableFileError()
  }
}

/** Sends one file, small or by parts, and goes on where a session has been begun. */
export async function sendFile(transfer: Transfer, parentId: string, file: File, deps: SendDeps, signal: AbortSignal): Promise<UploadedItem> {
  const place = {
    workspaceId: transfer.workspaceId,
    parentId,
    name: transfer.name,
    onConflict: transfer.onConflict,
  }
  const retry = <T>(run: () => Promise<T>, until = signal) => withRetry(run, {
    signal: until,
    check: () => assertReadable(file),
    random: deps.random,
    wait: deps.wait,
    onWait: (at) => {
      transfer.retryAt = at ?? undefined
      deps.onChange()
    },
  })
  const count = (bytes: number) => {
    transfer.sent += bytes
    deps.onBytes(transfer, bytes)
  }
  /** Progress of one request: what it counted goes when it fails. */
  const meter = () => {
    let counted = 0
    return {
      to(bytes: number) {
        count(bytes - counted)
        counted = bytes
      },
    }
  }

  if (!transfer.session && file.size <= smallFileBytes) {
    const release = await deps.slots.take(signal)
    try {
      transfer.sent = 0
      return await retry(async () => {
        const progress = meter()
        try {
          return await deps.transport.sendFile(place, file, progress.to, signal)
        }
        catch (error) {
          progress.to(0)
          throw error
        }
      })
    }
    finally {
      release()
    }
  }

  for (let left = MAX_LOSSES; ; left--) {
    const { session, received, completed } = await openSession()
    if (!completed) await sendParts(session, received)
    const sha256 = await deps.hasher.finish(transfer.whole, session.partCount)
    try {
      return await retry(() => deps.transport.complete(session, sha256))
    }
    catch (error) {
      if (!isLost(error) || left === 0) throw error
    }
  }

  async function openSession(): Promise<{ session: UploadSession, received: { n: number, size: number }[], completed: boolean }> {
    if (transfer.session) {
      const { session } = transfer
      try {
        const known = await retry(() => deps.transport.getSession(session))
        if (known.state !== 'aborted') return { session, received: known.parts, completed: known.state === 'completed' }
      }
      catch (error) {
        if (!isForgotten(error)) throw error
      }
    }
    const session = await retry(() => deps.transport.createSession(place, transfer))
    transfer.session = session
    transfer.whole = undefined
    deps.save(transfer)
    return { session, received: [], completed: false }
  }

  async function sendParts(session: UploadSession, received: { n: number, size: number }[]): Promise<void> {
    const missing = missingParts({ size: transfer.size, ...session }, received)
    const missingBytes = missing.reduce((bytes, n) => {
      const [from, to] = partRange(n, transfer.size, session.partSize)
      return bytes + to - from
    }, 0)
    transfer.sent = transfer.size - missingBytes
    deps.onChange()

    const failed = new AbortController()
    const either = AbortSignal.any([signal, failed.signal])
    const running = new Set<Promise<void>>()
    try {
      for (const n of missing) {
        const release = await deps.slots.take(either)
        const [from, to] = partRange(n, transfer.size, session.partSize)
        const bytes = file.slice(from, to)
        // Hashed in order, sent side by side.
        const hashed = await deps.hasher.hashPart(n, bytes, transfer.whole).catch((error) => {
          release()
          throw error
        })
        if (hashed.whole !== transfer.whole) {
          transfer.whole = hashed.whole
          deps.save(transfer)
        }
        const part = sendPart(n, bytes, hashed.digest, either)
          .catch(error => failed.abort(error))
          .finally(() => {
            release()
            running.delete(part)
          })
        running.add(part)
      }
      await Promise.all(running)
      either.throwIfAborted()
    }
    catch (error) {
      failed.abort(error)
      await Promise.all(running)
      signal.throwIfAborted()
      throw failed.signal.reason
    }

    async function sendPart(n: number, bytes: Blob, digest: string | null, until: AbortSignal) {
      await retry(async () => {
        const progress = meter()
        try {
          await deps.transport.sendPart(session, n, bytes, digest, progress.to, until)
          progress.to(bytes.size)
        }
        catch (error) {
          progress.to(0)
          throw error
        }
      }, until)
    }
  }
}
