import type { TestFile, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Storage } from '../../storage/storage.ts'
import type { StorageKind } from '../instance/storage-home.ts'
import type { DamagedObject, MoveOptions, MoveOutcome, StorageMoveDeps } from './storage-move.service.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createFile, createWorkspace } from '../../../test/factories.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { createLocalStorage } from '../../storage/local-storage.ts'
import { claimStorageHome } from '../instance/storage-home.ts'
import { createUploads } from '../uploads/uploads.service.ts'
import { takeMoveLock } from './move-lock.ts'
import { createStorageMove } from './storage-move.service.ts'

export interface RunOptions extends Partial<Pick<MoveOptions, 'signal' | 'skipDamaged' | 'onAlone'>> {
  from?: StorageKind
  /** Calls of the stores that go elsewhere. */
  sourceFaults?: Partial<Storage>
  targetFaults?: Partial<Storage>
}

export interface Ran { outcome: MoveOutcome, copied: number, damaged: DamagedObject[] }

export interface MoveTest {
  test: TestApp
  workspace: TestWorkspace
  /** `local` is the app's own store, `s3` another local folder that stands for it: the move knows the interface only. */
  stores: Record<StorageKind, Storage>
  folders: Record<StorageKind, string>
  addFile: (content: Buffer | string, options?: { integrity?: 'pending' | 'verified' | 'failed' }) => Promise<TestFile>
  /** What `move-storage` does, from local to s3 unless told otherwise. */
  run: (options?: RunOptions) => Promise<Ran>
}

/** The app, which holds no serving lock, and a second store: another folder, or a real S3 server. */
export async function useMoveTest(s3?: Storage): Promise<MoveTest> {
  const test = await useTestApp()
  const { deps, config } = test
  await claimStorageHome(deps.db, 'local')
  const workspace = await createWorkspace(test)
  const folder = await mkdtemp(join(tmpdir(), 'clientshare-move-'))
  const other = s3 ?? await createLocalStorage({ root: folder })
  onTestFinished(async () => {
    await other.close()
    await rm(folder, { recursive: true })
  })
  const stores = {
    local: deps.storage,
    s3: { ...other, kind: 's3' as const },
  }
  let count = 0

  return {
    test,
    workspace,
    stores,
    folders: {
      local: join(config.dataDir, 'storage'),
      s3: folder,
    },
    addFile: (content, options) => createFile(test, workspace, { name: `file ${++count}`, content, ...options }),
    async run({ from = 'local', sourceFaults, targetFaults, signal = new AbortController().signal, skipDamaged, onAlone } = {}) {
      const to = from === 'local'
        ? 's3'
        : 'local'
      const lock = await takeMoveLock(config.databaseUrl)
      const source = {
        kind: from,
        storage: {
          ...stores[from],
          ...sourceFaults,
        },
      }
      const target = {
        kind: to,
        storage: {
          ...stores[to],
          ...targetFaults,
        },
      } as const
      const { objects, uploads } = createUploads({ ...deps, storage: source.storage })
      const damaged: DamagedObject[] = []
      const moveDeps: StorageMoveDeps = {
        ...deps,
        lock,
        source,
        target,
        objects,
        sessions: uploads,
        retryMs: [1, 1],
      }
      try {
        const move = createStorageMove(moveDeps)
        const outcome = await move.run({
          signal,
          skipDamaged,
          onAlone,
          onDamaged: each => damaged.push(each),
        })
        return { outcome, copied: move.progress.copiedThisRun, damaged }
      }
      finally {
        await lock.release()
      }
    },
  }
}
