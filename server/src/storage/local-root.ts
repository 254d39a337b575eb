import type { Flush } from './disk.ts'
import type { LocalPaths } from './local-paths.ts'
import { randomUUID } from 'node:crypto'
import { lstat, mkdir, realpath, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { errorCode } from './disk.ts'
import { createLocalPaths } from './local-paths.ts'
import { StorageError } from './storage.ts'

/**
 * Makes the folders, durably, and proves that they can be used. They are all made here, so that no upload has to flush a folder it
 * has just made. The root itself may be a link; nothing below it may.
 * @returns the real path of the root
 * @throws StorageError with one line for the operator
 */
export async function prepareLocalRoot(root: string, flush: Flush): Promise<string> {
  const wanted = resolve(root)
  try {
    await makeRoot(wanted, flush)
    const real = await realpath(wanted)
    const paths = createLocalPaths(real)
    const { objects, staging, shards } = paths
    const devices = new Map<string, number>()
    const make = async (folder: string) => {
      await mkdir(folder, { mode: 0o700 }).catch(unlessThere)
      const found = await lstat(folder)
      if (!found.isDirectory())
        throw new StorageError('unavailable', `${folder} must be a folder, not a link or a file`)
      devices.set(folder, found.dev)
    }
    // Each is looked at before anything is made below it: a link would lead elsewhere.
    await make(objects)
    await make(staging)
    await Promise.all(shards.map(make))
    await flush.folder(objects)
    await flush.folder(real)
    const other = shards.find(shard => devices.get(shard) !== devices.get(staging))
    if (other)
      throw new StorageError('unavailable', `${staging} and ${other} must be on one file system: uploads are renamed from one to the other`)

    const probe = probePath(paths)
    await writeFile(probe, 'probe', { flag: 'wx', mode: 0o600, flush: true }).finally(() => unlink(probe).catch(() => {}))
    return real
  }
  catch (error) {
    throw error instanceof StorageError
      ? error
      : explain(wanted, error)
  }
}

/** Named like an upload, so that the sweep finds one that a crash has left. */
export function probePath(paths: LocalPaths): string {
  return paths.staged('probe', `probe-${randomUUID()}`)!
}

async function makeRoot(root: string, flush: Flush): Promise<void> {
  const first = await mkdir(root, { recursive: true, mode: 0o700 }).catch(unlessThere)
  if (!(await stat(root)).isDirectory())
    throw new StorageError('unavailable', `the storage folder ${root} is a file, not a folder`)
  if (first === undefined)
    return
  // Each new folder is an entry of its parent.
  for (let made = root; made.length >= first.length; made = dirname(made))
    await flush.folder(dirname(made))
}

function unlessThere(error: unknown): undefined {
  if (errorCode(error) !== 'EEXIST')
    throw error
}

function explain(root: string, cause: unknown): StorageError {
  const code = errorCode(cause)
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return new StorageError('unavailable', `the storage folder ${root} is not writable by this user (${code})`, { cause })
    case 'EROFS':
      return new StorageError('unavailable', `the storage folder ${root} is on a read-only file system`, { cause })
    case 'ENOTDIR':
      return new StorageError('unavailable', `the storage folder ${root} lies below a file, not a folder`, { cause })
    case 'ENOSPC':
    case 'EDQUOT':
      return new StorageError('full', `no space is left for the storage folder ${root} (${code})`, { cause })
    default:
      return new StorageError('unavailable', `the storage folder ${root} cannot be used: ${code ?? String(cause)}`, { cause })
  }
}
