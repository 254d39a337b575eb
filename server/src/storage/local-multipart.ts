import type { FileHandle } from 'node:fs/promises'
import type { Flush } from './disk.ts'
import type { LocalPaths } from './local-paths.ts'
import type { MultipartRef, PartLayout, Storage } from './storage.ts'
import type { Tasks } from './tasks.ts'
import { randomBytes, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, unlink } from 'node:fs/promises'
import { ifThere, NO_FOLLOW, onDisk, throwIfAborted, withFile, writeBody } from './disk.ts'
import { countParts, locatePart } from './part-layout.ts'
import { clearTag, findWrongParts, stagedSize, writeTag } from './part-ledger.ts'
import { StorageError } from './storage.ts'
import { createUploadGate } from './upload-gate.ts'

const REF = /^[0-9a-f-]{36}_(\d{1,16})_(\d{1,16})$/

export interface LocalMultipartDeps {
  paths: LocalPaths
  flush: Flush
  tasks: Tasks
  /** Moves a flushed staging file to its object, durably. */
  publish: (staged: string, key: string) => Promise<void>
}

/**
 * Uploads in parts: every part goes straight to its offset in one sparse staging file, which becomes the object by a rename. The ref
 * carries the layout, so that a part needs no look-up.
 */
export function createLocalMultipart({ paths, flush, tasks, publish }: LocalMultipartDeps): Pick<Storage, 'createMultipart' | 'putPart' | 'completeMultipart' | 'abortMultipart'> {
  const gate = createUploadGate(tasks)

  /** The staging file and the layout of an upload that this driver may have begun. */
  function locate({ key, ref }: MultipartRef): { path: string, layout: PartLayout } {
    const path = paths.staged(key, ref)
    const [, size, partSize] = REF.exec(ref) ?? []
    if (!path || !size || !partSize)
      throw noUpload()
    return {
      path,
      layout: {
        size: Number(size),
        partSize: Number(partSize),
      },
    }
  }

  /** Is the object there, whole? Then an earlier call had come as far as the rename, maybe without flushing the folders. */
  async function wasPublished(key: string, size: number): Promise<boolean> {
    const stat = await ifThere('look up the object', lstat(paths.object(key)))
    if (!stat?.isFile() || stat.size !== size)
      return false
    await onDisk('flush the folder', flush.folder(paths.shardOf(key)))
    return true
  }

  return {
    async createMultipart(key, { size, partSize }) {
      const ref = `${randomUUID()}_${size}_${partSize}`
      const length = stagedSize({ size, partSize })
      const path = paths.staged(key, ref)!
      return tasks.start(undefined, async (signal) => {
        throwIfAborted(signal)
        const handle = await onDisk('stage the upload', open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, 0o600))
        try {
          await withFile(handle, async () => {
            await onDisk('stage the upload', handle.truncate(length))
            await onDisk('flush the upload', flush.file(handle))
          })
          await onDisk('flush the folder', flush.folder(paths.staging))
          return { ref }
        }
        catch (error) {
          await unlink(path).catch(() => {})
          throw error
        }
      }).result
    },

    async putPart(upload, part, body, { signal } = {}) {
      body.on('error', () => {}) // it may break before the first read
      try {
        const { path, layout } = locate(upload)
        const wanted = locatePart(layout, part.n)
        if (part.offset !== wanted.offset || part.size !== wanted.size)
          throw new RangeError(`part ${part.n} is ${wanted.size} bytes at ${wanted.offset}, not ${part.size} at ${part.offset}`)

        return await gate.send(upload.ref, part.n, signal, async (signal) => {
          throwIfAborted(signal)
          return withFile(await openStaged(path), async (handle) => {
            if ((await onDisk('look up the upload', handle.stat())).size !== stagedSize(layout))
              throw new StorageError('not_found', 'the upload takes no more parts')
            if (await clearTag(handle, layout, part.n))
              await onDisk('flush the part', flush.data(handle))
            await writeBody(handle, body, { position: part.offset, size: part.size, signal })
            const etag = randomBytes(16).toString('hex')
            await writeTag(handle, layout, part.n, etag)
            // A failed flush is never repeated on what is written: the kernel may have dropped it. The part is to be sent again.
            await onDisk('flush the part', flush.data(handle))
            return { etag }
          })
        })
      }
      finally {
        body.destroy()
      }
    },

    async completeMultipart(upload, { size, parts }, { signal } = {}) {
      const { path, layout } = locate(upload)
      if (size !== layout.size)
        throw new RangeError(`the upload is ${layout.size} bytes, not ${size}`)
      const etags = new Map(parts.filter(({ n, size }) => n <= countParts(layout) && size === locatePart(layout, n).size).map(({ n, etag }) => [n, etag]))

      await gate.alone(upload.ref, () => tasks.start(signal, async (signal) => {
        throwIfAborted(signal)
        const opened = await ifThere('open the upload', open(path, constants.O_RDWR | NO_FOLLOW))
        if (!opened) {
          if (await wasPublished(upload.key, size))
            return
          throw noUpload()
        }
        await withFile(opened, async (handle) => {
          if ((await onDisk('look up the upload', handle.stat())).size !== size) {
            const wrong = await findWrongParts(handle, layout, etags)
            if (wrong.length > 0)
              throw new StorageError('part_mismatch', `${wrong.length} parts are missing or not as acknowledged`, { parts: wrong })
            throwIfAborted(signal)
            await onDisk('end the upload', handle.truncate(size))
          }
          try {
            await onDisk('flush the upload', flush.file(handle))
          }
          catch (error) {
            await unlink(path).catch(() => {}) // never to be trusted, so never to be tried again
            throw error
          }
        })
        await publish(path, upload.key)
      }).result)
    },

    async abortMultipart({ key, ref }) {
      const path = paths.staged(key, ref)
      if (!path)
        return
      await gate.alone(ref, () => tasks.start(undefined, async (signal) => {
        throwIfAborted(signal)
        // Not flushed: should it come back after a crash, the sweep finds it again.
        await ifThere('drop the upload', unlink(path))
      }).result)
    },
  }
}

async function openStaged(path: string): Promise<FileHandle> {
  const handle = await ifThere('open the upload', open(path, constants.O_RDWR | NO_FOLLOW))
  if (!handle)
    throw noUpload()
  return handle
}

function noUpload(): StorageError {
  return new StorageError('not_found', 'no such upload')
}
