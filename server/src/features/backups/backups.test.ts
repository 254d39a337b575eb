import type { TestFile } from '../../../test/factories.ts'
import type { BackupTest } from './backups.fixture.ts'
import { randomBytes } from 'node:crypto'
import { symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createFile, createUser } from '../../../test/factories.ts'
import { findViolations } from '../../../test/violations.ts'
import { createLocalStorage } from '../../storage/local-storage.ts'
import { StorageError } from '../../storage/storage.ts'
import { fileVersions, items } from '../items/items.table.ts'
import { DOOMED_GRACE_MS } from '../objects/objects.lifetime.ts'
import { sweepDatabase } from '../objects/objects.sweep.ts'
import { objects } from '../objects/objects.table.ts'
import { verifyFileJob } from '../objects/objects.verify.ts'
import { uploads } from '../uploads/uploads.table.ts'
import { BackupRunning, connectForBackup } from './backup-connection.ts'
import { listBackupIds, readManifest } from './backup-format.ts'
import { pathIn, sumsOf, useBackupTest, useEmptyDeployment } from './backups.fixture.ts'
import { keptOf } from './backups.policy.ts'
import { backups } from './backups.table.ts'
import { pruneBackups } from './prune-backups.ts'

const addFiles = async ({ addFile }: BackupTest, count: number) => {
  const files: TestFile[] = []
  for (let i = 0; i < count; i++) files.push(await addFile(randomBytes(1000 + i)))
  return files
}
const signal = new AbortController().signal
/** I1 and I2; the rows of the factories count no usage. */
const violations = (deployment: Parameters<typeof findViolations>[0]) => findViolations(deployment, { byHand: true })

/** What a purge does, its jobs aside. */
async function purge({ test: { deps: { db, clock } } }: BackupTest, file: TestFile): Promise<void> {
  await db.update(items).set({ versionId: null }).where(eq(items.id, file.id))
  await db.delete(fileVersions).where(eq(fileVersions.id, file.versionId))
  await db.delete(items).where(eq(items.id, file.id))
  await db.update(objects).set({
    state: 'doomed',
    touchedAt: clock(),
  }).where(eq(objects.key, file.objectKey))
}

/** The target's `putObject`, with something done before the `n`th object; `keys` are those of objects. */
function beforeObject({ target }: BackupTest, n: number, act: () => Promise<unknown> | unknown) {
  const keys: string[] = []
  return {
    keys,
    async putObject(...args: Parameters<typeof target.storage.putObject>) {
      if (args[0].startsWith('objects/') && keys.push(args[0]) === n) await act()
      return target.storage.putObject(...args)
    },
  }
}

describe('a backup', () => {
  it('brings everything back as it was, and what is under way to its end', async () => {
    const backup = await useBackupTest()
    const { test, workspace } = backup
    const { deps } = test
    await addFiles(backup, 3)
    await backup.addFile('')
    await backup.addFile('a \\ name\twith\neverything', { integrity: 'pending' })
    const doomed = await backup.addFile('to be deleted')
    await purge(backup, doomed)
    const open = await test.call('POST', `/workspaces/${workspace.id}/uploads`, {
      token: workspace.owner.token,
      body: { parentId: workspace.rootId, name: 'half', size: 20_000_000 },
    })
    expect(open.status).toBe(201)
    await deps.jobs.send(deps.db, verifyFileJob, { objectKey: 'a "key"\n', uploadId: 'upload' })
    const before = await sumsOf(deps.db)
    const { manifest } = await backup.backup()
    expect(manifest.holds).toMatchObject({ files: 5, objects: 5, damaged: 0 })
    expect(manifest.tables.map(({ table }) => table)).not.toContain('sessions')

    const other = await useEmptyDeployment(test, { empty: true })
    const { proof } = await other.restore(backup.target)
    expect(proof).toMatchObject({
      objects: 5,
      bytes: manifest.holds.bytes,
      damaged: 0,
      endedUploads: 1,
      jobs: 1,
    })
    expect(await violations({ db: other.db, storage: other.storage })).toEqual([])
    expect(await other.db.select({ state: uploads.state }).from(uploads)).toEqual([
      { state: 'aborted' },
    ])
    const after = await sumsOf(other.db)
    const changed = Object.keys(before).filter(table => before[table] !== after[table])
    expect(changed).toEqual([
      // What was staged and doomed is not there; the log says of the upload and of the restore.
      'audit_chains',
      'audit_events',
      'audit_personal',
      'instance',
      'objects',
      'restores',
      'sessions',
      'uploads',
      'workspaces',
    ])
    expect(Object.keys(after)).toEqual(Object.keys(before))
  })

  it('is of one moment: what is deleted while it runs is in it, what comes is not', async () => {
    const backup = await useBackupTest()
    const { test: { deps } } = backup
    const files = await addFiles(backup, 4)
    const later: TestFile[] = []
    const sweep = async () => {
      backup.test.clock.advance(2 * DOOMED_GRACE_MS)
      await sweepDatabase(deps, deps.uploads, signal)
    }
    const { manifest } = await backup.backup({
      async onTaken() {
        later.push(await backup.addFile('later'))
        for (const file of files.slice(0, 3)) await purge(backup, file)
        await deps.objects.remove(files[0]!.objectKey)
        await sweep()
      },
    })
    expect(manifest.holds).toMatchObject({ files: 4, objects: 4, damaged: 0 })
    // Now they may go.
    expect(await deps.storage.statObject(files[0]!.objectKey)).toBeDefined()
    await sweep()
    expect(await violations(deps)).toEqual([])

    const other = await useEmptyDeployment(backup.test)
    await other.restore(backup.target)
    expect(await violations({ db: other.db, storage: other.storage })).toEqual([])
    expect((await other.db.select({ id: items.id }).from(items)).map(({ id }) => id)).toEqual(expect.arrayContaining(files.map(({ id }) => id)))
    expect(await other.db.select().from(items).where(eq(items.id, later[0]!.id))).toEqual([])
  })

  it('does not copy again what an earlier one has, or one that was stopped', async () => {
    const backup = await useBackupTest()
    await addFiles(backup, 12)
    const stop = new AbortController()
    const first = beforeObject(backup, 7, () => stop.abort(new Error('SIGINT')))
    await expect(backup.backup({ signal: stop.signal, targetFaults: first })).rejects.toThrow('SIGINT')
    const other = await useEmptyDeployment(backup.test)
    await expect(other.restore(backup.target)).rejects.toThrow(/has no backup that is whole/)
    const [cut] = await listBackupIds(backup.target.storage)
    await expect(other.restore(backup.target, { backupId: cut!.id })).rejects.toThrow(/was cut off: it has no manifest/)

    const second = beforeObject(backup, 0, () => {})
    await backup.backup({ targetFaults: second })
    expect(second.keys.length).toBeLessThanOrEqual(12 - 6 + 4)
    expect(second.keys.length).toBeGreaterThan(0)
    const fresh = await addFiles(backup, 2)
    const third = beforeObject(backup, 0, () => {})
    const { kept } = await backup.backup({ targetFaults: third })
    expect(kept.objects).toBe(12)
    expect(third.keys.sort()).toEqual(fresh.map(({ objectKey }) => `objects/${objectKey}`).sort())
    expect(await backup.test.deps.db.select({ objects: backups.objects, newBytes: backups.newBytes, problem: backups.problem }).from(backups).orderBy(backups.id)).toEqual([
      {
        objects: 0,
        newBytes: 0,
        problem: expect.stringContaining('SIGINT'),
      },
      {
        objects: 12,
        newBytes: expect.any(Number),
        problem: null,
      },
      { objects: 14, newBytes: 2001, problem: null },
    ])
    await other.restore(backup.target)
    expect(await violations({ db: other.db, storage: other.storage })).toEqual([])
  })

  it('names what is damaged, goes on with the rest, and keeps what an earlier one has of it', async () => {
    const backup = await useBackupTest()
    const { test, folder } = backup
    const store = join(test.config.dataDir, 'storage')
    const [saved] = await addFiles(backup, 1)
    await backup.backup()
    const [flipped, missing, short] = await addFiles(backup, 6)
    const known = await backup.addFile('known to be broken', { integrity: 'failed' })
    for (const file of [saved!, flipped!]) {
      const wrong = Buffer.from(file.content)
      wrong[500]! ^= 1
      await writeFile(pathIn(store, file.objectKey), wrong)
    }
    await test.deps.storage.deleteObject(missing!.objectKey)
    await test.deps.storage.deleteObject(known.objectKey)
    await truncate(pathIn(store, short!.objectKey), 10)
    const damaged: { fileId: string | null, problem: string, knownDamaged: boolean }[] = []
    const { manifest, newlyDamaged } = await backup.backup({
      onDamaged: each => damaged.push(each),
    })
    expect(newlyDamaged).toBe(3)
    expect(manifest.holds).toMatchObject({ objects: 4, damaged: 4 })
    expect(new Map(damaged.map(({ fileId, problem, knownDamaged }) => [
      fileId,
      [problem, knownDamaged],
    ]))).toEqual(new Map([
      [
        flipped!.id,
        [
          expect.stringContaining(flipped!.sha256),
          false,
        ],
      ],
      [
        missing!.id,
        ['is missing', false],
      ],
      [
        short!.id,
        [
          expect.stringContaining('10 bytes'),
          false,
        ],
      ],
      [
        known.id,
        ['is missing', true],
      ],
    ]))

    const other = await useEmptyDeployment(test)
    expect((await other.restore({ storage: backup.target.storage, place: folder })).proof).toMatchObject({ objects: 4, damaged: 4 })
    expect(await violations({ db: other.db, storage: other.storage })).toEqual([])
    const failed = await other.db.select({ id: fileVersions.itemId }).from(fileVersions).where(eq(fileVersions.integrity, 'failed'))
    expect(failed.map(({ id }) => id).sort()).toEqual([flipped!, missing!, short!, known].map(({ id }) => id).sort())
  })

  it('fails, and is no backup, when a store is away or the target is full', async () => {
    const backup = await useBackupTest()
    const { test: { deps } } = backup
    await addFiles(backup, 8)
    const away = async () => { throw new StorageError('unavailable', 'connection refused') }
    await expect(backup.backup({
      deps: {
        storage: { ...deps.storage, getObject: away },
      },
    })).rejects.toMatchObject({ name: 'StoreFailure', at: 'source' })
    const full = () => { throw new StorageError('full', 'cannot write: ENOSPC') }
    await expect(backup.backup({
      targetFaults: beforeObject(backup, 3, full),
    })).rejects.toMatchObject({ name: 'StoreFailure', at: 'target', full: true })
    await expect(backup.backup({
      targetFaults: {
        putObject: async (key, ...rest) => key.endsWith('/tables/items')
          ? full()
          : backup.target.storage.putObject(key, ...rest),
      },
    })).rejects.toMatchObject({ name: 'StoreFailure', at: 'target', full: true })
    expect((await listBackupIds(backup.target.storage)).map(({ hasManifest }) => hasManifest)).toEqual([false, false, false])
    expect((await backup.backup()).manifest.holds.objects).toBe(8)
  })

  it('is refused in the deployment’s own store, beside something else, and where another deployment has its own', async () => {
    const backup = await useBackupTest()
    const { test } = backup
    await addFiles(backup, 1)
    const store = join(test.config.dataDir, 'storage')
    const link = join(test.config.dataDir, 'link')
    await symlink(store, link)
    const again = await createLocalStorage({ root: link })
    await expect(backup.backup({ targetFaults: again })).rejects.toThrow(/is the store that is to be backed up/)
    await again.close()
    await backup.target.storage.putObject('w/something', Readable.from(['x']))
    await expect(backup.backup()).rejects.toThrow(/holds something that is no backup \(w\/something\)/)
    await backup.target.storage.deleteObject('w/something')
    await backup.backup()
    await backup.target.storage.putObject('backup-target', Readable.from(['{"format":1,"identity":"7b"}']))
    await expect(backup.backup()).rejects.toThrow(/has backups of another deployment \(7b\)/)
    await backup.target.storage.putObject('backup-target', Readable.from(['{"format":2}']))
    await expect(backup.backup()).rejects.toThrow(/of a newer version/)
  })

  it('runs once at a time', async () => {
    const backup = await useBackupTest()
    const connection = await connectForBackup(backup.test.config.databaseUrl)
    await expect(backup.backup()).rejects.toBeInstanceOf(BackupRunning)
    await expect(backup.backup()).rejects.toMatchObject({ exitCode: 75 })
    await connection.release()
    await backup.backup()
  })
})

describe('old backups', () => {
  it('are kept by the day, the week and the month', () => {
    const at = (text: string) => ({
      id: text,
      takenAt: new Date(text),
    })
    const all = [
      '2026-03-02T01:00:00Z',
      '2026-03-02T23:00:00Z',
      '2026-03-01T23:00:00Z',
      '2026-02-28T01:00:00Z',
      '2026-02-22T01:00:00Z',
      '2026-02-20T01:00:00Z',
      '2026-01-15T01:00:00Z',
      '2025-12-31T01:00:00Z',
    ].map(at)
    const kept = (daily: number, weekly: number, monthly: number) => [
      ...keptOf(all, { daily, weekly, monthly }),
    ].sort()
    const lastDay = ['2026-03-02T01:00:00Z', '2026-03-02T23:00:00Z']
    expect(kept(0, 0, 0)).toEqual(lastDay)
    expect(kept(2, 0, 0)).toEqual(['2026-03-01T23:00:00Z', ...lastDay])
    // Monday the second begins a week; the first and the 28th are of the one before.
    expect(kept(0, 3, 0)).toEqual(['2026-02-22T01:00:00Z', '2026-03-01T23:00:00Z', ...lastDay])
    expect(kept(0, 0, 3)).toEqual(['2026-01-15T01:00:00Z', '2026-02-28T01:00:00Z', ...lastDay])
    expect(keptOf([], { daily: 1, weekly: 1, monthly: 1 }).size).toBe(0)
  })

  it('go, with what no other one needs, and nothing goes when one cannot be read', async () => {
    const backup = await useBackupTest()
    const { target, test } = backup
    const [old, both] = await addFiles(backup, 2)
    await backup.backup()
    test.clock.advance(15 * 3_600_000)
    await purge(backup, old!)
    const [fresh] = await addFiles(backup, 1)
    const stop = new AbortController()
    await expect(backup.backup({
      signal: stop.signal,
      targetFaults: beforeObject(backup, 1, () => stop.abort(new Error('SIGINT'))),
    })).rejects.toThrow()
    test.clock.advance(15 * 3_600_000)
    const { manifest } = await backup.backup()
    const prune = async () => {
      const connection = await connectForBackup(test.config.databaseUrl)
      return await pruneBackups(connection, target, { daily: 1, weekly: 0, monthly: 0 }, signal).finally(() => connection.release())
    }
    const has = (file: TestFile) => target.storage.statObject(`objects/${file.objectKey}`)

    const list = pathIn(backup.folder, manifest.objects.key)
    const { body } = await target.storage.getObject(manifest.objects.key)
    const right = Buffer.concat(await body.toArray())
    await writeFile(list, right.subarray(0, -1))
    await expect(prune()).rejects.toThrow(manifest.objects.key)
    expect(await listBackupIds(target.storage)).toHaveLength(3)
    expect(await has(old!)).toBeDefined()
    await writeFile(list, right)

    expect(await prune()).toEqual({ backups: 1, objects: 1 })
    expect(await listBackupIds(target.storage)).toEqual([
      { id: manifest.id, hasManifest: true },
    ])
    expect([await has(old!), await has(both!), await has(fresh!)]).toEqual([
      undefined,
      expect.anything(),
      expect.anything(),
    ])
    expect(await readManifest(target.storage, manifest.id)).toEqual(manifest)
    await (await useEmptyDeployment(test)).restore(target)
  })
})

describe('what operators see', () => {
  it('is the last good backup, and a warning when it is too old', async () => {
    const backup = await useBackupTest({ BACKUP_WARN_HOURS: '10' })
    const { test } = backup
    const operator = await createUser(test, { isOperator: true })
    const status = async () => (await test.call('GET', '/admin/backups', { token: operator.token })).body
    expect(await status()).toMatchObject({
      isOverdue: true,
      isEncrypted: false,
      command: 'clientshare backup',
      last: null,
      attempt: null,
      restored: null,
    })
    await createFile(test, backup.workspace, { name: 'a', content: 'abc' })
    const { manifest } = await backup.backup()
    expect(await status()).toMatchObject({
      isOverdue: false,
      last: {
        id: manifest.id,
        objects: 1,
        bytes: 3,
        newBytes: 3,
        damaged: 0,
      },
      attempt: null,
    })
    test.clock.advance(11 * 3_600_000)
    await expect(backup.backup({
      targetFaults: {
        getObject: async () => { throw new StorageError('unavailable', 'gone') },
      },
    })).rejects.toThrow('gone')
    expect(await status()).toMatchObject({
      isOverdue: true,
      last: { id: manifest.id },
    })
  })

  it('is made by the server itself, as the settings say', async () => {
    const backup = await useBackupTest({ BACKUP_SCHEDULE: '30 2 * * *' })
    await addFiles(backup, 2)
    await backup.test.deps.backups.makeScheduled(signal)
    expect(await backup.test.deps.backups.status()).toMatchObject({
      last: { objects: 2 },
      to: backup.folder,
      schedule: '30 2 * * *',
      isOverdue: false,
    })
    const connection = await connectForBackup(backup.test.config.databaseUrl)
    await backup.test.deps.backups.makeScheduled(signal)
    await connection.release()
    expect(await listBackupIds(backup.target.storage)).toHaveLength(1)
  })
})
