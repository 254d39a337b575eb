import type { BackupTest, EmptyDeployment, TestKey } from './backups.fixture.ts'
import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { isSoak, numbersFrom, seed, soakIt } from '../../../test/soak.ts'
import { findViolations } from '../../../test/violations.ts'
import { dataSteps } from '../../data-steps.ts'
import { migrate } from '../../db/migrate.ts'
import { StorageError } from '../../storage/storage.ts'
import { takeServingLock } from '../instance/serving-lock.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { connectForBackup } from './backup-connection.ts'
import { manifestKey, objectsOf, objectsPrefix, readManifest, writeManifest } from './backup-format.ts'
import { newKey, pathIn, useBackupTest, useEmptyDeployment } from './backups.fixture.ts'
import { clearSchema } from './backups.queries.ts'
import { createBackupsService } from './backups.service.ts'
import { backups, restores } from './backups.table.ts'

const signal = new AbortController().signal
const violations = (deployment: EmptyDeployment) => findViolations(deployment, { byHand: true })

async function useBackup(files = 3, key?: TestKey): Promise<BackupTest & { id: string }> {
  const backup = await useBackupTest({}, key)
  for (let i = 0; i < files; i++) await backup.addFile(randomBytes(2000 + i % 2))
  const { manifest: { id } } = await backup.backup()
  return { ...backup, id }
}

/** Nothing was written. */
async function expectUntouched({ db, storage }: EmptyDeployment): Promise<void> {
  expect([await db.$count(users), await db.$count(workspaces)]).toEqual([0, 0])
  for await (const { key } of storage.listObjects()) expect.fail(`the store has ${key}`)
}

describe('what is not as it was made', () => {
  it.each(isSoak
    ? ['plain', 'encrypted']
    : ['plain'])(`is refused, by the name of the file, before anything is written: %s (seed ${seed})`, async (kind) => {
    const next = numbersFrom(seed)
    const key = kind === 'encrypted'
      ? await newKey()
      : undefined
    const backup = await useBackup(3, key)
    const other = await useEmptyDeployment(backup.test)
    const manifest = (await readManifest(backup.target.storage, backup.id))!
    const { encrypted } = manifest
    const parts = [...manifest.tables, manifest.jobs, manifest.objects].map(({ key }) => key)
    // Of an encrypted one, without the key first: it is not needed to tell.
    expect(parts.length).toBeGreaterThan(30)
    const restore = () => other.restore(backup.target, { opener: key?.opener })
    const refused = async (name: string, unread = false) => {
      const told = {
        exitCode: 65,
        message: expect.stringContaining(name),
      }
      if (encrypted && !unread) await expect(other.restore(backup.target, { dryRun: true })).rejects.toMatchObject(told)
      await expect(restore()).rejects.toMatchObject(told)
    }
    const tried = [
      // A few tables; all of them in the soak.
      ...parts.filter((_, at) => isSoak || at % 9 === 0),
      manifest.jobs.key,
      manifest.objects.key,
      ...encrypted
        ? [encrypted.objects.key, encrypted.settings.key]
        : [],
      manifestKey(backup.id),
    ]
    for (const [at, key] of tried.entries()) {
      const path = pathIn(backup.folder, key)
      const right = await readFile(path)
      const flipped = Buffer.from(right)
      flipped[Math.floor(right.length * next())]! ^= 1 << Math.floor(next() * 8)
      // Each way for some.
      const ways = [
        () => writeFile(path, right.subarray(0, Math.floor(right.length * next()))),
        () => writeFile(path, flipped),
        () => writeFile(path, ''),
        async () => writeFile(path, await readFile(pathIn(backup.folder, key.endsWith('/users')
          ? `backups/${backup.id}/tables/workspaces`
          : `backups/${backup.id}/tables/users`))),
      ]
      await ways[at % ways.length]!()
      await refused(key)
      await writeFile(path, right)
    }
    await rename(pathIn(backup.folder, parts[3]!), `${backup.folder}/aside`)
    await refused(parts[3]!)
    await rename(`${backup.folder}/aside`, pathIn(backup.folder, parts[3]!))

    const objects: string[] = []
    for await (const { key } of objectsOf(backup.target.storage, encrypted?.recipients).listObjects()) objects.push(key)
    const pathOf = (object: string) => pathIn(backup.folder, `${objectsPrefix(encrypted?.recipients)}${object}`)
    const sizes = await Promise.all(objects.map(async object => (await readFile(pathOf(object))).length))
    const [object, twin] = objects.filter((_, at) => sizes.filter(size => size === sizes[at]).length > 1) as [string, string]
    const path = pathOf(object)
    const right = await readFile(path)
    await writeFile(path, right.subarray(1))
    await refused(object)
    await rm(path)
    await refused(object)
    await expectUntouched(other)

    // Only reading shows this; the database is not touched before all of them are read.
    const wrong = Buffer.from(right)
    wrong[Math.floor(right.length * next())]! ^= 1
    for (const bytes of [wrong, await readFile(pathOf(twin))]) {
      await writeFile(path, bytes)
      await refused(object, true)
      expect(await other.db.$count(users)).toBe(0)
    }
    await writeFile(path, right)
    await restore()
    expect(await violations(other)).toEqual([])
  })

  it('is refused when another version or another key has to read it', async () => {
    const backup = await useBackup(1)
    const { storage } = backup.target
    const other = await useEmptyDeployment(backup.test)
    const manifest = (await readManifest(storage, backup.id))!
    await expect(other.restore(backup.target, {
      secretKey: 'x'.repeat(32),
    })).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining('another SECRET_KEY'),
    })
    await writeManifest(storage, { ...manifest, format: 9, version: '9.0.0' }, signal)
    await expect(other.restore(backup.target)).rejects.toThrow(/made by a newer version of ClientShare \(9\.0\.0\)/)
    await writeManifest(storage, { ...manifest, migration: '9999_later', version: '9.0.0' }, signal)
    await expect(other.restore(backup.target)).rejects.toThrow(/ClientShare 9\.0\.0, whose database this version does not know \(9999_later\)/)
    await writeManifest(storage, {
      ...manifest,
      tables: manifest.tables.map(({ rows, ...table }) => ({ ...table, rows: rows + 1 })),
    }, signal)
    await expect(other.restore(backup.target)).rejects.toThrow(/the manifest says/)
    expect(await other.db.$count(users)).toBe(0)
    await writeManifest(storage, manifest, signal)
    await other.restore(backup.target, {
      secretKey: 'x'.repeat(32),
      otherSecretKey: true,
    })
    await storage.deleteObject('backup-target')
    await expect(other.restore(backup.target)).rejects.toThrow(/has no backups of ClientShare/)
  })

  it('holds no secret', async () => {
    const backup = await useBackupTest({ S3_SECRET_KEY: 'a-secret-that-is-kept', ADMIN_EMAIL: 'me@example.com', ADMIN_PASSWORD: 'a password of mine' })
    await backup.test.deps.backups.makeScheduled(signal)
    await backup.backup()
    const { secretKey, databaseUrl } = backup.test.config
    for await (const { key } of backup.target.storage.listObjects({ prefix: 'backups/' })) {
      const bytes = await readFile(pathIn(backup.folder, key))
      for (const secret of [
        secretKey,
        databaseUrl,
        'a-secret-that-is-kept',
        'a password of mine',
      ]) expect(bytes.includes(secret)).toBe(false)
    }
  })
})

describe('a deployment that is not ready', () => {
  it('is told what stands in the way', async () => {
    const backup = await useBackup(2)
    const other = await useEmptyDeployment(backup.test)
    await other.storage.putObject('w/there', Readable.from(['x']))
    await expect(other.restore(backup.target)).rejects.toThrow(/The store is not empty: it has w\/there/)
    await other.storage.deleteObject('w/there')
    await other.storage.putObject('restores/another', Readable.from([]))
    await expect(other.restore(backup.target)).rejects.toThrow(/Another backup was being restored into this store \(another\)/)
    await other.storage.deleteObject('restores/another')

    const serving = await takeServingLock({
      databaseUrl: other.databaseUrl,
      kind: 'local',
      onError: () => {},
      onMoved: () => {},
    })
    await expect(other.restore(backup.target)).rejects.toMatchObject({
      exitCode: 75,
      message: expect.stringContaining('Servers are running'),
    })
    expect((await other.restore(backup.target, { dryRun: true })).proof).toBeUndefined()
    await serving.release()
    const connection = await connectForBackup(other.databaseUrl)
    await expect(other.restore(backup.target)).rejects.toMatchObject({ exitCode: 75 })
    await connection.release()
    await expectUntouched(other)

    await other.restore(backup.target)
    await expect(other.restore(backup.target)).rejects.toThrow(/it was restored from the backup/)
    await other.db.delete(restores)
    await expect(other.restore(backup.target)).rejects.toThrow(/The database is not empty: it has a deployment: 2 users, 1 workspaces/)
  })

  soakIt('may have been migrated by another version', async () => {
    const backup = await useBackup(1)
    const other = await useEmptyDeployment(backup.test)
    const connection = await connectForBackup(other.databaseUrl)
    await clearSchema(connection)
    await migrate(other.databaseUrl, dataSteps, { until: '0012_versions_restored' })
    await connection.release()
    await other.restore(backup.target)
    expect(await violations(other)).toEqual([])
  })
})

describe('a lost database beside its store', () => {
  it('comes back without a file being lost', async () => {
    const backup = await useBackupTest()
    const { test } = backup
    const { deps, config } = test
    const other = await useEmptyDeployment(test, { keptData: config.dataDir })
    await deps.identity.join()
    const [right, damaged, missing] = [await backup.addFile('right'), await backup.addFile('damaged'), await backup.addFile('missing')]
    const staged = await deps.objects.stage(backup.workspace.id, { wanted: 5 })
    await backup.backup()
    const later = await backup.addFile('later')
    await deps.storage.putObject(staged.key, Readable.from(['ended']))
    await writeFile(pathIn(other.folder, damaged.objectKey), 'dAmaged')
    await deps.storage.deleteObject(missing.objectKey)

    await expect(other.restore(backup.target)).rejects.toThrow(/add --keep-store/)
    const foreign = await useEmptyDeployment(test)
    await expect(foreign.restore(backup.target, { keepStore: true })).rejects.toThrow(/it does not say whose it is/)
    const written: string[] = []
    const putObject: typeof other.storage.putObject = (key, ...rest) => {
      written.push(key)
      return other.storage.putObject(key, ...rest)
    }
    const { proof } = await other.restore(backup.target, {
      keepStore: true,
      storageFaults: { putObject },
    })
    expect(proof).toMatchObject({
      objects: 3,
      aside: { count: 2, bytes: 10 },
    })
    expect(written.filter(key => !key.startsWith('restores/')).sort()).toEqual([damaged.objectKey, missing.objectKey].sort())
    // Kept aside.
    expect((await violations(other)).sort()).toEqual([staged.key, later.objectKey].map(key => `I2: The store has ${key}, which no row knows.`).sort())
    for (const { objectKey, content } of [right, damaged, missing, later]) expect(await readFile(pathIn(other.folder, objectKey), 'utf8')).toBe(content.toString())
    expect(await readFile(pathIn(other.folder, staged.key), 'utf8')).toBe('ended')
  })
})

describe('a restore that ended before its end', () => {
  it('goes on, with what is there', async () => {
    const backup = await useBackup(10)
    const other = await useEmptyDeployment(backup.test)
    const stop = new AbortController()
    const written: string[] = []
    const putObject: typeof other.storage.putObject = async (key, ...rest) => {
      if (!key.startsWith('restores/') && written.push(key) === 6) stop.abort(new Error('SIGINT'))
      return other.storage.putObject(key, ...rest)
    }
    await expect(other.restore(backup.target, {
      signal: stop.signal,
      storageFaults: { putObject },
    })).rejects.toThrow('SIGINT')
    expect(await other.db.$count(users)).toBe(0)
    written.length = 0
    const full = async () => { throw new StorageError('full', 'cannot write: ENOSPC') }
    await expect(other.restore(backup.target, {
      storageFaults: { putObject: full },
    })).rejects.toMatchObject({ name: 'StoreFailure', at: 'target', full: true })

    await expect(other.restore(backup.target, {
      storageFaults: { putObject },
      atOpening() { throw new Error('cut off') },
    })).rejects.toThrow('cut off')
    expect(written.length).toBeLessThanOrEqual(10 - 5 + 4)
    // The rows are there, and nothing serves them yet.
    const service = createBackupsService({ ...backup.test.deps, db: other.db })
    await expect(service.requireRestored()).rejects.toThrow(/has not ended\. Before a server starts, go on with it: clientshare restore --backup /)
    const second = await backup.backup()
    await expect(other.restore(backup.target)).rejects.toThrow(/which has not ended\. Go on with that one/)

    written.length = 0
    const { proof } = await other.restore(backup.target, {
      backupId: backup.id,
      storageFaults: { putObject },
    })
    expect(written).toEqual([])
    expect(proof).toMatchObject({ objects: 10 })
    expect(await violations(other)).toEqual([])
    await service.requireRestored()
    expect(await other.db.$count(backups)).toBe(0)
    expect(await service.status()).toMatchObject({
      restored: { backupId: backup.id },
      last: null,
    })
    expect(second.manifest.id).not.toBe(backup.id)
  })
})
