import type { TestFile } from '../../../test/factories.ts'
import type { MoveTest } from './storage-move.fixture.ts'
import { randomBytes } from 'node:crypto'
import { truncate, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { findViolations } from '../../../test/violations.ts'
import { createLocalPaths } from '../../storage/local-paths.ts'
import { isOwnKey } from '../../storage/object-key.ts'
import { isStorageError, StorageError } from '../../storage/storage.ts'
import { INSTANCE_CHAIN } from '../audit/audit.service.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { createIdentityService } from '../identity/identity.service.ts'
import { writeStoreIdentity } from '../identity/store-identity.ts'
import { instance } from '../instance/instance.table.ts'
import { NotServing, takeServingLock } from '../instance/serving-lock.ts'
import { findStorageHome } from '../instance/storage-home.ts'
import { fileVersions, items } from '../items/items.table.ts'
import { createObjectRegister } from '../objects/objects.service.ts'
import { objects, orphans } from '../objects/objects.table.ts'
import { uploads } from '../uploads/uploads.table.ts'
import { MoveRunning, takeMoveLock } from './move-lock.ts'
import { useMoveTest } from './storage-move.fixture.ts'
import { storageCopies, storageMoves } from './storage-move.table.ts'

const addFiles = async ({ addFile }: MoveTest, count: number) => {
  const files: TestFile[] = []
  for (let i = 0; i < count; i++) files.push(await addFile(randomBytes(1000 + i)))
  return files
}
const pathOf = (folder: string, key: string) => createLocalPaths(folder).object(key)
const violations = ({ test, stores }: MoveTest, kind: 'local' | 's3') => findViolations({ db: test.deps.db, storage: stores[kind] }, { byHand: true })
const home = ({ test }: MoveTest) => findStorageHome(test.deps.db)
const eventsOf = ({ test: { deps } }: MoveTest, chain: string) => toldEvents({ deps }, eq(auditEvents.chainId, chain))

/** What a purge and its job do. */
async function purge({ test }: MoveTest, file: TestFile): Promise<void> {
  const { db } = test.deps
  await db.update(items).set({ versionId: null }).where(eq(items.id, file.id))
  await db.delete(fileVersions).where(eq(fileVersions.id, file.versionId))
  await db.delete(items).where(eq(items.id, file.id))
  await db.update(objects).set({ state: 'doomed' }).where(eq(objects.key, file.objectKey))
  await createObjectRegister(test.deps).remove(file.objectKey)
}

/** The target's `putObject`, with something done before the `n`th. */
function beforePut({ stores }: MoveTest, n: number, act: () => Promise<unknown> | unknown) {
  let puts = 0
  const keys: string[] = []
  return {
    keys,
    async putObject(...args: Parameters<typeof stores.s3.putObject>) {
      if (!isOwnKey(args[0])) {
        if (++puts === n) await act()
        keys.push(args[0])
      }
      return stores.s3.putObject(...args)
    },
  }
}

describe('moving', () => {
  it('brings everything over, switches, and brings it back without copying what is still there', async () => {
    const move = await useMoveTest()
    await move.addFile('')
    await move.addFile('a small one')
    await move.addFile(randomBytes(3_000_000))
    await move.addFile('not read back yet', { integrity: 'pending' })
    await move.addFile('known to be broken', { integrity: 'failed' })

    expect(await move.run()).toEqual({
      outcome: {
        result: 'moved',
        endedUploads: 0,
        skipped: 0,
        kept: 0,
      },
      copied: 5,
      damaged: [],
    })
    expect(await home(move)).toBe('s3')
    expect(await violations(move, 's3')).toEqual([])
    expect(await eventsOf(move, INSTANCE_CHAIN)).toMatchObject([
      {
        action: 'instance.storage_moved',
        actor: { kind: 'system' },
        details: {
          from: 'local',
          to: 's3',
          objects: 5,
          skipped: 0,
          endedUploads: 0,
        },
      },
    ])
    expect(await move.test.deps.db.$count(storageCopies)).toBe(0)
    expect(await move.test.deps.db.select().from(storageMoves)).toMatchObject([
      {
        source: 'local',
        target: 's3',
        finishedAt: expect.any(Date),
      },
    ])

    // Of the two whose SHA-256 is not known (or not to be trusted), only a copy proves anything.
    expect(await move.run({ from: 's3' })).toMatchObject({
      outcome: { result: 'moved' },
      copied: 2,
    })
    expect(await home(move)).toBe('local')
    expect(await violations(move, 'local')).toEqual([])
  })

  it('goes on where it was aborted, without copying again what is verified', async () => {
    const move = await useMoveTest()
    await addFiles(move, 20)
    const stop = new AbortController()
    const first = beforePut(move, 9, () => stop.abort(new Error('SIGINT')))
    await expect(move.run({ signal: stop.signal, targetFaults: first })).rejects.toThrow('SIGINT')
    const verified = await move.test.deps.db.select().from(storageCopies)
    const kept = new Set(verified.filter(row => row.verifiedAt).map(row => row.key))
    expect(kept.size).toBeGreaterThanOrEqual(5)
    expect(kept.size).toBeLessThan(20)
    expect(await home(move)).toBe('local')

    const second = beforePut(move, 0, () => {})
    expect((await move.run({ targetFaults: second })).outcome.result).toBe('moved')
    expect(second.keys.filter(key => kept.has(key))).toEqual([])
    expect(second.keys.length).toBeLessThanOrEqual(20 - kept.size)
    expect(await violations(move, 's3')).toEqual([])
  })

  it('takes along what is uploaded, and leaves out what is deleted, while it copies', async () => {
    const move = await useMoveTest()
    const files = await addFiles(move, 12)
    const late: string[] = []
    // Keys rise with time: the first is copied by now, the last is not.
    const targetFaults = beforePut(move, 9, async () => {
      await purge(move, files[0]!)
      await purge(move, files[11]!)
      late.push((await move.addFile('came late')).objectKey)
    })
    expect((await move.run({ targetFaults })).outcome).toEqual({
      result: 'moved',
      endedUploads: 0,
      skipped: 0,
      kept: 0,
    })
    expect(await violations(move, 's3')).toEqual([])
    expect(await move.stores.s3.statObject(late[0]!)).toEqual({ size: 9 })
    expect(await move.stores.s3.statObject(files[0]!.objectKey)).toBeUndefined()
  })

  it('leaves nothing in the target of what was deleted between two runs', async () => {
    const move = await useMoveTest()
    const files = await addFiles(move, 3)
    const serving = await takeServingLock({
      databaseUrl: move.test.config.databaseUrl,
      kind: 'local',
      onError: () => {},
      onMoved: () => {},
    })
    expect((await move.run()).outcome).toEqual({ result: 'serving' })
    await purge(move, files[1]!)
    expect(await move.stores.s3.statObject(files[1]!.objectKey)).toBeDefined()
    expect((await move.run()).outcome).toEqual({ result: 'serving' })
    expect(await move.stores.s3.statObject(files[1]!.objectKey)).toBeUndefined()
    await serving.release()
  })

  it('starts anew when the target is another store than before', async () => {
    const move = await useMoveTest()
    await addFiles(move, 3)
    const serving = await takeServingLock({
      databaseUrl: move.test.config.databaseUrl,
      kind: 'local',
      onError: () => {},
      onMoved: () => {},
    })
    expect(await move.run()).toMatchObject({
      outcome: { result: 'serving' },
      copied: 3,
    })
    expect(await move.run()).toMatchObject({
      outcome: { result: 'serving' },
      copied: 0,
    })
    for await (const { key } of move.stores.s3.listObjects()) await move.stores.s3.deleteObject(key)
    expect(await move.run()).toMatchObject({
      outcome: { result: 'serving' },
      copied: 3,
    })
    await serving.release()
  })

  it('gives up what is not a file yet, and deletes what was to be deleted', async () => {
    const move = await useMoveTest()
    const { test, workspace, stores } = move
    const [, doomed] = await addFiles(move, 2)
    const created = await test.call('POST', `/workspaces/${workspace.id}/uploads`, {
      token: workspace.owner.token,
      body: { parentId: workspace.rootId, name: 'film.mp4', size: 20_000_000 },
    })
    expect(created.status).toBe(201)
    const register = createObjectRegister(test.deps)
    const staged = await register.stage(workspace.id, { wanted: 5 })
    await stores.local.putObject(staged.key, Readable.from([
      Buffer.from('cut'),
    ]))
    await test.deps.db.update(items).set({ versionId: null }).where(eq(items.id, doomed!.id))
    await test.deps.db.delete(fileVersions).where(eq(fileVersions.id, doomed!.versionId))
    await test.deps.db.delete(items).where(eq(items.id, doomed!.id))
    await test.deps.db.update(objects).set({ state: 'doomed' }).where(eq(objects.key, doomed!.objectKey))

    expect((await move.run()).outcome).toEqual({
      result: 'moved',
      endedUploads: 1,
      skipped: 0,
      kept: 0,
    })
    expect(await violations(move, 's3')).toEqual([])
    expect(await test.deps.db.select().from(uploads)).toMatchObject([
      { state: 'aborted', objectKey: null },
    ])
    expect(await eventsOf(move, workspace.id)).toMatchObject([
      {
        action: 'upload.aborted',
        details: { reason: 'moved', size: 20_000_000 },
      },
    ])
    expect(await stores.local.statObject(doomed!.objectKey)).toBeUndefined()
    expect(await stores.local.statObject(staged.key)).toBeUndefined()
  })
})

describe('what the target had before', () => {
  it('is kept aside when no file knows it, and the target is the deployment’s own from then on', async () => {
    const move = await useMoveTest()
    const { deps } = move.test
    await addFiles(move, 2)
    await move.stores.s3.putObject('w/of/old', Readable.from(['old']))
    expect(await deps.identity.isForeign(move.stores.s3)).toBe(false)
    expect((await move.run()).outcome).toEqual({
      result: 'moved',
      endedUploads: 0,
      skipped: 0,
      kept: 1,
    })
    expect(await deps.db.select({ key: orphans.key, state: orphans.state }).from(orphans)).toEqual([
      { key: 'w/of/old', state: 'kept' },
    ])
    const moved = createIdentityService({ ...deps, storage: move.stores.s3 })
    expect((await moved.note()).standing).toBe('ours')
    await writeStoreIdentity(move.stores.local, {
      deployment: deps.newId(),
      usedAt: deps.clock(),
    })
    expect(await moved.isForeign(move.stores.local)).toBe(true)
  })
})

describe('what is damaged', () => {
  it('is named, does not stop the rest, and prevents the switch until it is repaired', async () => {
    const move = await useMoveTest()
    const files = await addFiles(move, 8)
    const [flipped, missing, short] = files as [TestFile, TestFile, TestFile]
    const wrong = Buffer.from(flipped.content)
    wrong[500]! ^= 1
    await writeFile(pathOf(move.folders.local, flipped.objectKey), wrong)
    await move.stores.local.deleteObject(missing.objectKey)
    await truncate(pathOf(move.folders.local, short.objectKey), 10)

    const { outcome, copied, damaged } = await move.run()
    expect(outcome).toEqual({ result: 'damaged', count: 3, all: false })
    expect(copied).toBe(5)
    expect(damaged.sort((a, b) => files.findIndex(file => file.id === a.fileId) - files.findIndex(file => file.id === b.fileId))).toEqual([
      {
        fileId: flipped.id,
        version: 1,
        problem: expect.stringContaining(flipped.sha256),
      },
      { fileId: missing.id, version: 1, problem: 'is missing' },
      {
        fileId: short.id,
        version: 1,
        problem: expect.stringContaining('10 bytes'),
      },
    ])
    expect(await home(move)).toBe('local')
    for (const { objectKey } of [flipped, missing, short]) expect(await move.stores.s3.statObject(objectKey)).toBeUndefined()

    await writeFile(pathOf(move.folders.local, flipped.objectKey), flipped.content)
    await writeFile(pathOf(move.folders.local, missing.objectKey), missing.content)
    await writeFile(pathOf(move.folders.local, short.objectKey), short.content)
    expect(await move.run()).toEqual({
      outcome: {
        result: 'moved',
        endedUploads: 0,
        skipped: 0,
        kept: 0,
      },
      copied: 3,
      damaged: [],
    })
    expect(await violations(move, 's3')).toEqual([])
  })

  it('is left behind and marked when the operator says so', async () => {
    const move = await useMoveTest()
    const [missing] = await addFiles(move, 3) as [TestFile]
    await move.stores.local.deleteObject(missing.objectKey)
    expect((await move.run({ skipDamaged: true })).outcome).toEqual({
      result: 'moved',
      endedUploads: 0,
      skipped: 1,
      kept: 0,
    })
    expect(await violations(move, 's3')).toEqual([])
    expect(await move.test.deps.db.select({ integrity: fileVersions.integrity }).from(fileVersions).where(eq(fileVersions.id, missing.versionId))).toEqual([
      { integrity: 'failed' },
    ])
    expect(await eventsOf(move, move.workspace.id)).toMatchObject([
      {
        action: 'file.integrity_failed',
        subject: { id: missing.id, name: missing.name },
        details: { problem: 'the stored object is missing' },
      },
    ])
  })

  it('is not believed when it is everything: that is the wrong store', async () => {
    const move = await useMoveTest()
    for (const { objectKey } of await addFiles(move, 3)) await move.stores.local.deleteObject(objectKey)
    expect((await move.run({ skipDamaged: true })).outcome).toEqual({ result: 'damaged', count: 3, all: true })
    expect(await home(move)).toBe('local')
  })
})

describe('a target that fails', () => {
  it('is written again when it gives back other bytes, and stops the move when it does so every time', async () => {
    const move = await useMoveTest()
    await addFiles(move, 3)
    let wrongReads = 1
    const getObject: typeof move.stores.s3.getObject = async (...args) => {
      const { size } = await move.stores.s3.statObject(args[0]) ?? { size: 0 }
      return wrongReads-- > 0
        ? {
            body: Readable.from([
              Buffer.alloc(size),
            ], { objectMode: false }),
            size,
          }
        : move.stores.s3.getObject(...args)
    }
    const serving = await takeServingLock({
      databaseUrl: move.test.config.databaseUrl,
      kind: 'local',
      onError: () => {},
      onMoved: () => {},
    })
    const puts = beforePut(move, 0, () => {})
    expect(await move.run({
      targetFaults: { ...puts, getObject },
    })).toMatchObject({
      outcome: { result: 'serving' },
      copied: 3,
    })
    expect(puts.keys).toHaveLength(4)

    wrongReads = Number.POSITIVE_INFINITY
    await move.addFile('one more')
    await serving.release()
    await expect(move.run({
      targetFaults: { getObject },
    })).rejects.toMatchObject({
      name: 'StoreFailure',
      at: 'target',
      message: expect.stringContaining('does not give back'),
    })
    expect(await home(move)).toBe('local')
    expect((await move.run()).outcome.result).toBe('moved')
    expect(await violations(move, 's3')).toEqual([])
  })

  it('gets again, before the switch, what it has lost or cut since it was verified', async () => {
    const move = await useMoveTest()
    const [lost, cut] = await addFiles(move, 4) as [TestFile, TestFile]
    const serving = await takeServingLock({
      databaseUrl: move.test.config.databaseUrl,
      kind: 'local',
      onError: () => {},
      onMoved: () => {},
    })
    await move.run()
    await serving.release()
    await move.stores.s3.deleteObject(lost.objectKey)
    await truncate(pathOf(move.folders.s3, cut.objectKey), 3)
    expect(await move.run()).toMatchObject({
      outcome: { result: 'moved' },
      copied: 2,
    })
    expect(await violations(move, 's3')).toEqual([])
  })

  it('stops the move when it is full, and the next run goes on', async () => {
    const move = await useMoveTest()
    await addFiles(move, 12)
    const targetFaults = beforePut(move, 7, () => { throw new StorageError('full', 'cannot write: ENOSPC') })
    await expect(move.run({ targetFaults })).rejects.toMatchObject({ name: 'StoreFailure', at: 'target', full: true })
    const { copied, outcome } = await move.run()
    expect(outcome.result).toBe('moved')
    expect(copied).toBeLessThanOrEqual(12 - 3)
    expect(await violations(move, 's3')).toEqual([])
  })

  it('is tried again when it was away for a moment; a source that stays away stops the move and is no damage', async () => {
    const move = await useMoveTest()
    await addFiles(move, 8)
    const away = () => { throw new StorageError('unavailable', 'connection refused') }
    await expect(move.run({
      sourceFaults: {
        getObject: async () => away(),
      },
    })).rejects.toMatchObject({ name: 'StoreFailure', at: 'source' })
    expect(await home(move)).toBe('local')
    expect((await move.run({
      targetFaults: beforePut(move, 3, away),
    })).outcome.result).toBe('moved')
  })
})

describe('the locks', () => {
  const take = (move: MoveTest, kind: 'local' | 's3' = 'local') => takeServingLock({
    databaseUrl: move.test.config.databaseUrl,
    kind,
    onError: () => {},
    onMoved: () => {},
  })

  it('keep the switch away from what serves, servers away from the switch, and from the old store after it', async () => {
    const move = await useMoveTest()
    await addFiles(move, 3)
    const replicas = [await take(move), await take(move)]
    expect((await move.run()).outcome).toEqual({ result: 'serving' })
    await replicas[0]!.release()
    expect((await move.run()).outcome).toEqual({ result: 'serving' })
    expect(await home(move)).toBe('local')
    await replicas[1]!.release()

    const refused: unknown[] = []
    const targetFaults = {
      async* listObjects() {
        refused.push(await take(move).catch((error: unknown) => error))
        yield* move.stores.s3.listObjects()
      },
    }
    expect((await move.run({ targetFaults })).outcome.result).toBe('moved')
    expect(refused[0]).toBeInstanceOf(NotServing)
    expect(refused[0]).toMatchObject({ home: undefined })
    await expect(take(move)).rejects.toThrow(/are in STORAGE=s3, but this process has STORAGE=local\. Set STORAGE=s3, or .*move-storage --to local$/)
    await (await take(move, 's3')).release()
  })

  it('let one move run at a time', async () => {
    const move = await useMoveTest()
    const lock = await takeMoveLock(move.test.config.databaseUrl)
    await expect(move.run()).rejects.toBeInstanceOf(MoveRunning)
    await lock.release()
    expect((await move.run()).outcome.result).toBe('moved')
  })

  it('are not all: what a process without its lock registers during the switch is seen by it, and after it nothing is registered', async () => {
    const move = await useMoveTest()
    const { test, workspace } = move
    await addFiles(move, 1)
    const register = createObjectRegister(test.deps)
    const staged: string[] = []
    const targetFaults = {
      async* listObjects() {
        if (staged.length < 2) staged.push((await register.stage(workspace.id, { wanted: 1 })).key)
        yield* move.stores.s3.listObjects()
      },
    }
    expect((await move.run({ targetFaults })).outcome.result).toBe('moved')
    expect(staged).toHaveLength(2)
    for (const size of [4, 0]) {
      const answer = await test.call('POST', `/workspaces/${workspace.id}/uploads`, {
        token: workspace.owner.token,
        body: { parentId: workspace.rootId, name: `late ${size}`, size },
      })
      expect(answer.status).toBe(503)
    }
    expect(await violations(move, 's3')).toEqual([])
  })

  it.each(['instance', 'workspaces'] as const)('are not all: a registration that waits for a row (%s) while the switch commits is refused', async (waitsFor) => {
    const { test: { deps }, workspace } = await useMoveTest()
    const register = createObjectRegister(deps)
    const [held, go] = [
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
    ]
    const holding = deps.db.transaction(async (tx) => {
      if (waitsFor === 'workspaces') await tx.execute(sql`select from workspaces where id = ${workspace.id} for update`)
      await tx.update(instance).set({ storage: 's3' })
      held.resolve()
      await go.promise
    })
    await held.promise
    const staging = register.stage(workspace.id, { wanted: 1 }).catch((error: unknown) => error)
    await expect.poll(() => deps.db.$count(sql`pg_stat_activity`, sql`wait_event_type = 'Lock' and datname = current_database()`)).toBeGreaterThan(0)
    go.resolve()
    await holding
    expect(await staging).toMatchObject({ name: 'StorageError', kind: 'unavailable' })
    expect(await deps.db.$count(objects)).toBe(0)
  })

  it('give way to the last registration: it is committed first and seen, or comes later and is refused', async () => {
    const move = await useMoveTest()
    const { test: { deps }, workspace } = move
    const register = createObjectRegister(deps)
    const outcomes = await Promise.all([
      move.run().catch((error: Error) => error.message),
      ...Array.from({ length: 40 }, async (_, n) => {
        await sleep(n * 5)
        return register.stage(workspace.id, { wanted: 1 }).then(({ key }) => key, (error: unknown) => isStorageError(error, 'unavailable'))
      }),
    ])
    const left = await deps.db.select({ key: objects.key }).from(objects).where(eq(objects.state, 'staged'))
    // Never both: the bytes moved, and an object of the old store still waiting to become a file.
    if (await home(move) === 's3') expect(left).toEqual([])
    else expect(outcomes[0]).toMatch(/Something still writes/)
  })
})
