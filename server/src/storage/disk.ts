import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { Buffer } from 'node:buffer'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { MeterError } from './meter.ts'
import { StorageError } from './storage.ts'

/** Bytes gathered for one write. Measured with 1 GiB: 128 KiB 1.0, 256 KiB 1.1, 512 KiB 1.2 GiB/s; more gains little and holds twice the memory. */
const WRITE_BYTES = 512 * 1024
/** At most so many pieces in one write, for a body that comes in crumbs. */
const WRITE_PIECES = 512

/** Absent on Windows, where it has no meaning. */
export const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

/** How bytes reach the platter. Replaceable, because a disk that fails to flush cannot be ordered for a test. */
export interface Flush {
  /** Content and metadata: fsync(2). */
  file: (handle: FileHandle) => Promise<void>
  /** Content, and the metadata needed to read it: fdatasync(2). */
  data: (handle: FileHandle) => Promise<void>
  /** The entries of a folder. */
  folder: (path: string) => Promise<void>
}

export const diskFlush: Flush = {
  file: handle => handle.sync(),
  data: handle => handle.datasync(),
  async folder(path) {
    if (process.platform === 'win32')
      return // folders cannot be opened there; NTFS journals their entries
    await withFile(await open(path, constants.O_RDONLY | constants.O_DIRECTORY), handle => handle.sync())
  },
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}

export function toStorageError(error: unknown, action: string): Error {
  if (error instanceof StorageError || error instanceof MeterError)
    return error
  const code = errorCode(error)
  const kind = code === 'ENOSPC' || code === 'EDQUOT'
    ? 'full'
    : 'unavailable'
  return new StorageError(kind, `cannot ${action}: ${code ?? String(error)}`, { cause: error })
}

/** Runs a disk operation; its failure becomes a `StorageError`. */
export async function onDisk<T>(action: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation
  }
  catch (error) {
    throw toStorageError(error, action)
  }
}

/** Like `onDisk`, with `undefined` for a file that is not there. */
export async function ifThere<T>(action: string, operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation
  }
  catch (error) {
    if (errorCode(error) === 'ENOENT')
      return undefined
    throw toStorageError(error, action)
  }
}

/** Runs `work` with an open file and closes it, however `work` ends; a failure to close counts only when nothing else failed. */
export async function withFile<T>(handle: FileHandle, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  let result: T
  try {
    result = await work(handle)
  }
  catch (error) {
    await handle.close().catch(() => {})
    throw error
  }
  await onDisk('close the file', handle.close())
  return result
}

/** Writes all of `pieces` at `position`: one call may write less, as when the disk fills up. */
export async function writeAll(handle: FileHandle, pieces: Buffer[], position: number): Promise<void> {
  let rest = pieces
  while (rest.length > 0) {
    const { bytesWritten } = await onDisk('write', handle.writev(rest, position))
    position += bytesWritten
    let skip = bytesWritten
    const from = rest.findIndex(piece => skip < piece.length || (skip -= piece.length, false))
    rest = from === -1
      ? []
      : [
          rest[from]!.subarray(skip),
          ...rest.slice(from + 1),
        ]
  }
}

/**
 * Writes `body` from `position` on: gathers the next bytes while one write runs, and holds no more than that.
 * When it returns or throws, no write is under way any more and the body is done with.
 * @throws MeterError when `size` is given and not met; nothing is written beyond it
 */
export async function writeBody(handle: FileHandle, body: Readable, options: { position: number, size?: number, signal: AbortSignal }): Promise<{ size: number }> {
  const { signal, size: wanted } = options
  const onAbort = () => body.destroy(abortedBy(signal))
  let position = options.position
  let received = 0
  let pieces: Buffer[] = []
  let gathered = 0
  let writing: Promise<void> = Promise.resolve()

  const flush = async () => {
    await writing
    writing = writeAll(handle, pieces, position)
    writing.catch(error => body.destroy(error)) // a full disk is told at once, not when the next bytes come
    position += gathered
    pieces = []
    gathered = 0
  }

  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal.aborted)
      throw abortedBy(signal)
    for await (const chunk of body) {
      const piece: Buffer = Buffer.isBuffer(chunk)
        ? chunk
        : Buffer.from(chunk)
      received += piece.length
      if (wanted !== undefined && received > wanted)
        throw new MeterError('long', wanted)
      pieces.push(piece)
      gathered += piece.length
      if (gathered >= WRITE_BYTES || pieces.length >= WRITE_PIECES)
        await flush()
    }
    await flush()
    await writing
    if (wanted !== undefined && received < wanted)
      throw new MeterError('short', wanted)
    return { size: received }
  }
  finally {
    signal.removeEventListener('abort', onAbort)
    body.destroy()
    await writing.catch(() => {})
  }
}

export function abortedBy(signal: AbortSignal): StorageError {
  return signal.reason instanceof StorageError
    ? signal.reason
    : new StorageError('aborted', 'aborted', { cause: signal.reason })
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw abortedBy(signal)
}
