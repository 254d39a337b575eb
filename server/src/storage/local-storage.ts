import type { FileHandle } from 'node:fs/promises'
import type { Flush } from './disk.ts'
import type { Storage } from './storage.ts'
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { link, lstat, open, opendir, rename, unlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { withDeadline } from './deadline.ts'
import { abortedBy, diskFlush, errorCode, ifThere, NO_FOLLOW, onDisk, throwIfAborted, toStorageError, withFile, writeBody } from './disk.ts'
import { readFileRange } from './file-reader.ts'
import { createLocalMultipart } from './local-multipart.ts'
import { createLocalPaths, parseObjectName, parseStagingName } from './local-paths.ts'
import { prepareLocalRoot, probePath } from './local-root.ts'
import { StorageError } from './storage.ts'
import { createTasks } from './tasks.ts'

const PROBE_TIMEOUT_MS = 5000
/** What link(2) says on file systems on which a file has one name. */
const NO_LINKS = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
])

/**
 * Objects as files below one folder of this host. One process at a time may take uploads into it: that no two sends write one
 * part at once is kept in memory. Other processes of the host may read and delete. Several hosts need the S3 driver.
 *
 * An object is made by: write to a staging file → fsync → rename → fsync of both folders. A flush that fails fails the call, and what was
 * written is dropped, for the kernel may have forgotten it.
 * @throws StorageError with one plain line when the folder cannot be used
 */
export async function createLocalStorage({ root, flush = diskFlush }: { root: string, flush?: Flush }): Promise<Storage> {
  const paths = createLocalPaths(await prepareLocalRoot(root, flush))
  const tasks = createTasks()
  let probing: Promise<void> | undefined

  async function publish(staged: string, key: string): Promise<void> {
    await onDisk('put the object in place', rename(staged, paths.object(key)))
    await flushFolders(key)
  }

  async function flushFolders(key: string): Promise<void> {
    try {
      await onDisk('flush the folder', flush.folder(paths.shardOf(key)))
      await onDisk('flush the folder', flush.folder(paths.staging))
    }
    catch (error) {
      await unlink(paths.object(key)).catch(() => {})
      throw error
    }
  }

  /** @returns whether it was: what has the key already stays, and `staged` too */
  async function publishIfAbsent(staged: string, key: string): Promise<boolean> {
    try {
      await link(staged, paths.object(key))
    }
    catch (error) {
      const code = errorCode(error) ?? ''
      if (code === 'EEXIST') return false
      if (!NO_LINKS.has(code)) throw toStorageError(error, 'put the object in place')
      await publish(staged, key)
      return true
    }
    await onDisk('put the object in place', unlink(staged))
    await flushFolders(key)
    return true
  }

  /** Writes and flushes a staging file and hands it on. It is gone when that fails. */
  async function stage<T>(key: string, write: (handle: FileHandle) => Promise<T>, place: (staged: string) => Promise<void>): Promise<T> {
    const staged = paths.staged(key, `put-${randomUUID()}`)!
    const handle = await onDisk('stage the object', open(staged, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, 0o600))
    try {
      const written = await withFile(handle, async () => {
        const written = await write(handle)
        await onDisk('flush the object', flush.file(handle))
        return written
      })
      await place(staged)
      return written
    }
    catch (error) {
      await unlink(staged).catch(() => {})
      throw error
    }
  }

  async function writeProbe(): Promise<void> {
    const path = probePath(paths)
    try {
      await withFile(await onDisk('write', open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, 0o600)), async (handle) => {
        await onDisk('write', writeFile(handle, 'probe'))
        await onDisk('flush', flush.data(handle))
      })
    }
    finally {
      await unlink(path).catch(() => {})
    }
  }

  return {
    kind: 'local',
    ...createLocalMultipart({ paths, flush, tasks, publish }),

    async putObject(key, body, { size, signal } = {}) {
      body.on('error', () => {}) // it may break before the first read
      try {
        return await tasks.start(signal, async (signal) => {
          throwIfAborted(signal)
          return stage(key, handle => writeBody(handle, body, { position: 0, size, signal }), async (staged) => {
            throwIfAborted(signal)
            await publish(staged, key)
          })
        }).result
      }
      finally {
        body.destroy()
      }
    },

    async putIfAbsent(key, bytes) {
      return tasks.start(undefined, async () => {
        let isPut = false
        await stage(key, handle => onDisk('write the object', writeFile(handle, bytes)), async (staged) => {
          isPut = await publishIfAbsent(staged, key)
          if (!isPut) await onDisk('drop what was staged', unlink(staged))
        })
        return isPut
      }).result
    },

    async getObject(key, { range, expectedSize, signal } = {}) {
      const path = paths.object(key)
      if (range && !(Number.isSafeInteger(range.start) && Number.isSafeInteger(range.end) && range.start >= 0 && range.end >= range.start))
        throw new RangeError(`not a range: ${range.start}-${range.end}`)
      return tasks.start(signal, async (opening) => {
        throwIfAborted(opening)
        const handle = await openObject(path)
        try {
          const stat = await onDisk('look up the object', handle.stat())
          if (!stat.isFile())
            throw new StorageError('corrupt', 'the object is not a file')
          if (expectedSize !== undefined && stat.size !== expectedSize)
            throw new StorageError('corrupt', `the object is ${stat.size} bytes, not ${expectedSize}`)
          const { start, end } = range ?? { start: 0, end: stat.size - 1 }
          if (end >= stat.size)
            throw new StorageError('corrupt', `the object is ${stat.size} bytes and has no byte ${end}`)
          throwIfAborted(opening)
          const size = end - start + 1
          const body = readFileRange(handle, { start, size })
          body.on('error', () => {}) // an abort may come before the reader does
          const onAbort = () => body.destroy(abortedBy(signal!))
          signal?.addEventListener('abort', onAbort, { once: true })
          const closed = new Promise<void>(resolve => body.once('close', resolve))
          void closed.then(() => signal?.removeEventListener('abort', onAbort))
          tasks.add({
            abort: reason => body.destroy(reason as Error),
            settled: closed,
          })
          return { body, size }
        }
        catch (error) {
          await handle.close().catch(() => {})
          throw error
        }
      }).result
    },

    async statObject(key) {
      tasks.assertOpen()
      const stat = await ifThere('look up the object', lstat(paths.object(key)))
      if (stat && !stat.isFile())
        throw new StorageError('corrupt', 'the object is not a file')
      return stat && { size: stat.size }
    },

    async deleteObject(key) {
      tasks.assertOpen()
      await ifThere('delete the object', unlink(paths.object(key)))
      await onDisk('flush the folder', flush.folder(paths.shardOf(key)))
    },

    async* listObjects({ prefix = '', signal } = {}) {
      const isWanted = (name: string) => parseObjectName(name)?.startsWith(prefix) ?? false
      for (const shard of paths.shards) {
        for await (const { name, size, modifiedAt } of listFiles(shard, isWanted)) {
          tasks.assertOpen()
          throwIfAborted(signal)
          yield {
            key: parseObjectName(name)!,
            size,
            modifiedAt,
          }
        }
      }
    },

    async* listMultiparts({ key, signal } = {}) {
      for await (const { name, modifiedAt } of listFiles(paths.staging)) {
        tasks.assertOpen()
        throwIfAborted(signal)
        const staged = parseStagingName(name)
        if (staged && (key === undefined || staged.key === key))
          yield { ...staged, modifiedAt }
      }
    },

    async locateObject(key, { expectedSize }) {
      tasks.assertOpen()
      const path = paths.object(key)
      const handle = await openObject(path)
      const stat = await onDisk('look up the object', handle.stat()).finally(() => handle.close())
      if (!stat.isFile() || stat.size !== expectedSize)
        throw new StorageError('corrupt', `the object is ${stat.size} bytes, not ${expectedSize}`)
      return {
        kind: 'file',
        path: relative(paths.root, path),
      }
    },

    async probe({ timeoutMs = PROBE_TIMEOUT_MS } = {}) {
      tasks.assertOpen()
      // A disk that hangs holds a thread for each call, so all who ask share one.
      probing ??= writeProbe().finally(() => probing = undefined)
      await withDeadline(probing, timeoutMs)
    },

    close: () => tasks.close(),
  }
}

/** Opens an object, never through a link, and without waiting should something have put a pipe there. */
async function openObject(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK | NO_FOLLOW)
  }
  catch (error) {
    if (errorCode(error) === 'ENOENT')
      throw new StorageError('not_found', 'no such object', { cause: error })
    if (errorCode(error) === 'ELOOP')
      throw new StorageError('corrupt', 'the object is not a file', { cause: error })
    throw toStorageError(error, 'open the object')
  }
}

async function* listFiles(folder: string, isWanted: (name: string) => boolean = () => true) {
  // Closed by the loop, also when the reader of this list stops early.
  for await (const entry of await onDisk('list the folder', opendir(folder, { bufferSize: 256 }))) {
    const stat = entry.isFile() && isWanted(entry.name)
      ? await ifThere('list the folder', lstat(join(folder, entry.name)))
      : undefined
    if (stat)
      yield { name: entry.name, size: stat.size, modifiedAt: stat.mtime }
  }
}
