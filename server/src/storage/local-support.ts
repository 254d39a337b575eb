import type { Flush } from './disk.ts'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { diskFlush } from './disk.ts'
import { createLocalPaths } from './local-paths.ts'
import { createLocalStorage } from './local-storage.ts'

export async function tempFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'storage-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

export async function openLocal(root: string, flush: Partial<Flush> = {}) {
  const storage = await createLocalStorage({
    root,
    flush: {
      ...diskFlush,
      ...flush,
    },
  })
  onTestFinished(() => storage.close())
  return {
    storage,
    paths: createLocalPaths(root),
  }
}

export async function listStaging(root: string): Promise<string[]> {
  return readdir(join(root, 'staging'))
}
