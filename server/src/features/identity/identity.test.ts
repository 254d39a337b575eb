import type { TestFile } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Storage } from '../../storage/storage.ts'
import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { eq, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { auditOf, toldEvents } from '../../../test/audit-log.ts'
import { createFile, createWorkspace } from '../../../test/factories.ts'
import { newBucket, sharedMinio } from '../../../test/shared-minio.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { IDENTITY_KEY } from '../../storage/object-key.ts'
import { openS3Storage } from '../../storage/s3-storage.ts'
import { bareClient, s3ConfigOf } from '../../storage/s3-support.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { instance } from '../instance/instance.table.ts'
import { fileVersions } from '../items/items.table.ts'
import { objects, orphans } from '../objects/objects.table.ts'
import { createVerification } from '../verify/verify.service.ts'
import { adoptExit, parseAdoptArguments, runAdopt } from './adopt.command.ts'
import { describeFinding, explainFinding } from './identity-words.ts'
import { createIdentityService } from './identity.service.ts'
import { readStoreIdentity, writeStoreIdentity } from './store-identity.ts'

const places = { database: 'db/clientshare', store: '/data/storage' }

describe('a database and a store', () => {
  let test: TestApp
  beforeEach(async () => { test = await useTestApp() })
  const standing = async () => (await test.deps.identity.find()).standing
  const store = () => readStoreIdentity(test.deps.storage)
  const put = (key: string) => test.deps.storage.putObject(key, Readable.from(['x']))
  const loseDatabase = () => test.deps.db.execute(sql`truncate workspaces, instance cascade`)
  async function addFiles(count: number) {
    const workspace = await createWorkspace(test)
    for (let n = 0; n < count; n++) {
      await createFile(test, workspace, {
        name: `${n}`,
        content: randomBytes(10),
      })
    }
  }
  async function emptyStore() {
    for await (const { key } of test.deps.storage.listObjects()) await test.deps.storage.deleteObject(key)
  }
  const adoptNow = (...args: string[]) => runAdopt(test.deps, parseAdoptArguments(['--yes', ...args]), {
    places,
    tryAlone: async () => true,
    print: () => {},
    signal: new AbortController().signal,
  })
  /** Both at an earlier moment, as a backup has them. */
  async function remember() {
    const [row] = await test.deps.db.select().from(instance)
    const identity = (await store())!
    return {
      restoreDatabase: () => test.deps.db.update(instance).set(row!),
      restoreStore: () => writeStoreIdentity(test.deps.storage, identity),
    }
  }

  it('belong together from their first use on', async () => {
    expect((await test.deps.identity.note()).standing).toBe('new')
    const first = (await store())!
    expect(await standing()).toBe('ours')
    expect((await test.deps.identity.note()).standing).toBe('ours')
    const second = (await store())!
    expect(second.deployment).toBe(first.deployment)
    expect(second.usedAt.getTime()).toBeGreaterThan(first.usedAt.getTime())
  })

  it('belong together also when a crash came between the three steps of saying so', async () => {
    await addFiles(1)
    const { putObject } = test.deps.storage
    await test.deps.identity.note()
    test.deps.storage.putObject = () => Promise.reject(new Error('the process was killed'))
    await expect(test.deps.identity.note()).rejects.toThrow('killed')
    expect(await standing()).toBe('ours')
    let killed = false
    test.deps.storage.putObject = async (...args) => {
      await putObject(...args)
      killed = true
      throw new Error('the process was killed')
    }
    await expect(test.deps.identity.note()).rejects.toThrow('killed')
    expect([killed, await standing()]).toEqual([true, 'ours'])
    test.deps.storage.putObject = putObject
    await test.deps.identity.note()
    expect(await standing()).toBe('ours')
  })

  it('of before there were identities belong together when the one knows what the other has', async () => {
    await addFiles(2)
    expect((await test.deps.identity.note()).standing).toBe('unmarked')
    expect(await standing()).toBe('ours')
  })

  it('note it for several processes at once', async () => {
    await addFiles(1)
    const found = await Promise.all(Array.from({ length: 6 }, () => test.deps.identity.note()))
    expect(found.map(each => each.standing).sort()).toEqual([
      ...Array.from({ length: 5 }).fill('ours'),
      'unmarked',
    ])
    expect(await standing()).toBe('ours')
  })

  it.each<[string, string, () => Promise<unknown>]>([
    ['the database was lost', 'empty_database', loseDatabase],
    [
      'the database was lost, and the store’s mark',
      'empty_database',
      async () => {
        await loseDatabase()
        await test.deps.storage.deleteObject(IDENTITY_KEY)
      },
    ],
    [
      'the store is another deployment’s',
      'foreign_store',
      async () => writeStoreIdentity(test.deps.storage, {
        deployment: randomUUID(),
        usedAt: new Date(),
      }),
    ],
    [
      'the store has no mark and other files',
      'unknown_files',
      async () => {
        await emptyStore()
        for (let n = 0; n < 3; n++) await put(`w/${randomUUID()}/${n}`)
      },
    ],
    ['the store was emptied', 'lost_store', emptyStore],
    [
      'the database is an old copy',
      'older_database',
      async () => {
        const { restoreDatabase } = await remember()
        await test.deps.identity.note()
        await restoreDatabase()
      },
    ],
    [
      'the store is an old copy',
      'older_store',
      async () => {
        const { restoreStore } = await remember()
        await test.deps.identity.note()
        await restoreStore()
      },
    ],
  ])('do not belong together when %s: nothing is written, and `adopt` joins them', async (_what, expected, happen) => {
    await addFiles(3)
    await test.deps.identity.note()
    await happen()
    const before = await store()
    const finding = await test.deps.identity.note()
    expect(finding.standing).toBe(expected)
    expect(await store()).toEqual(before)
    const explained = explainFinding(finding, await test.deps.identity.holdings(), places)
    expect(explained).toMatch(/^The (?:store|database) .*Database db\/clientshare \(PostgreSQL \d.*\): deployment .*Store \/data\/storage: deployment .*Nothing was changed\. .*clientshare adopt$/)
    expect(await test.deps.identity.isOurs()).toBe(false)

    const told: string[] = []
    const adopt = (args: string[], alone = true) => runAdopt(test.deps, parseAdoptArguments(args), {
      places,
      tryAlone: async () => alone,
      print: line => told.push(line),
      signal: new AbortController().signal,
    })
    expect(await adopt([])).toBe(adoptExit.asked)
    await expect(adopt(['--yes'], false)).rejects.toThrow('Servers are running')
    expect(await standing()).toBe(expected)
    expect(await adopt(['--yes'])).toBe(adoptExit.done)
    expect(await standing()).toBe('ours')
    const strange = ['empty_database', 'unknown_files'].includes(expected)
      ? 3
      : 0
    expect(await test.deps.db.$count(orphans, eq(orphans.state, 'kept'))).toBe(strange)
    const missing = ['lost_store', 'unknown_files'].includes(expected)
      ? 3
      : 0
    expect((await toldEvents(test, eq(auditEvents.action, 'instance.store_adopted'))).map(({ details }) => details)).toEqual([
      {
        found: expected,
        kept: strange,
        bytes: expected === 'empty_database'
          ? 30
          : strange,
        missing,
      },
    ])
    told.length = 0
    expect(await adopt(['--yes'])).toBe(adoptExit.done)
    expect(told.at(-1)).toBe('They belong together: there is nothing to adopt.')
  })

  it('marks what a lost store had as damaged when it is told to', async () => {
    await addFiles(2)
    await test.deps.identity.note()
    await emptyStore()
    await adoptNow('--mark-missing')
    expect(await test.deps.db.$count(fileVersions, eq(fileVersions.integrity, 'failed'))).toBe(2)
    expect(await test.deps.db.$count(objects, eq(objects.state, 'committed'))).toBe(2)
  })

  it('takes the marks back once what was missing is in the store again', async () => {
    const workspace = await createWorkspace(test)
    const files = [
      await createFile(test, workspace, { name: 'a', content: 'first' }),
      await createFile(test, workspace, { name: 'b', content: 'second' }),
    ]
    const download = async ({ id }: TestFile) => {
      const { status, raw } = await test.call('GET', `/files/${id}/content`, { token: workspace.owner.token })
      return [status, raw]
    }
    await test.deps.identity.note()
    await emptyStore()
    await adoptNow('--mark-missing')
    expect((await download(files[0]!))[0]).toBe(409)
    for (const { objectKey, content } of files) await test.deps.storage.putObject(objectKey, Readable.from([content], { objectMode: false }))
    const healed: string[] = []
    await createVerification(test.deps).run({
      signal: new AbortController().signal,
      bytes: {
        since: test.deps.clock(),
      },
      onHealed: says => healed.push(says),
    })
    expect(healed.sort()).toEqual([
      expect.stringMatching(/^The file “a”, version 1, in the workspace “.*”, which was damaged or missing, is right again\.$/),
      expect.stringMatching(/^The file “b”/),
    ])
    for (const file of files) expect(await download(file)).toEqual([200, file.content])
    expect((await auditOf(test, workspace.id, 'file.integrity')).map(({ action, subject }) => `${action} ${subject.name}`).sort()).toEqual([
      'file.integrity_failed a',
      'file.integrity_failed b',
      'file.integrity_restored a',
      'file.integrity_restored b',
    ])
  })

  it('are joined once, however often the store refused to take that down', async () => {
    await addFiles(1)
    await test.deps.identity.note()
    await emptyStore()
    const { putObject } = test.deps.storage
    test.deps.storage.putObject = () => Promise.reject(new Error('read-only'))
    for (let n = 0; n < 2; n++) await expect(adoptNow()).rejects.toThrow('read-only')
    test.deps.storage.putObject = putObject
    expect(await adoptNow()).toBe(adoptExit.done)
    expect(await toldEvents(test, eq(auditEvents.action, 'instance.store_adopted'))).toHaveLength(1)
  })

  it('are compared by many at once with a pool of two connections', async () => {
    const small = await useTestApp({
      env: { DATABASE_POOL_SIZE: '2' },
    })
    await small.deps.identity.note()
    const found = await Promise.all(Array.from({ length: 6 }, () => small.deps.identity.note()))
    expect(found.map(each => each.standing)).toEqual(Array.from({ length: 6 }).fill('ours'))
  })

  async function startTwoAtOnce(storage: Storage) {
    const other = await useTestApp()
    // Each has seen that the store says nothing before either writes.
    let looked = 0
    const bothLooked = Promise.withResolvers<void>()
    const store: Storage = {
      ...storage,
      async getObject(key, options) {
        const [found] = await Promise.allSettled([
          storage.getObject(key, options),
        ])
        if (++looked === 2) bothLooked.resolve()
        if (looked <= 2) await bothLooked.promise
        if (found.status === 'rejected') throw found.reason
        return found.value
      },
    }
    const deployments = [test, other].map(({ deps }) => createIdentityService({ ...deps, storage: store }))
    const found = await Promise.all(deployments.map(deployment => deployment.note()))
    expect(found.map(({ standing }) => standing).sort()).toEqual(['foreign_store', 'new'])
    const first = found.findIndex(({ standing }) => standing === 'new')
    const said = await readStoreIdentity(storage)
    expect(said!.deployment).toBe(found[first]!.database.identity)
    // Also later, and whichever is asked.
    expect((await deployments[1 - first]!.note()).standing).toBe('foreign_store')
    expect((await deployments[first]!.note()).standing).toBe('ours')
    expect((await readStoreIdentity(storage))!.deployment).toBe(said!.deployment)
    // Nor is it moved into by the other one.
    await expect(deployments[1 - first]!.mark(storage)).rejects.toThrow('belongs to another deployment')
  }

  it('are one when two databases start at once on an empty folder', () => startTwoAtOnce(test.deps.storage))

  it.skipIf(!sharedMinio)('are one when two databases start at once on an empty bucket (skipped without MINIO_BINARY)', async () => {
    const bucket = newBucket()
    await bareClient(sharedMinio!).makeBucket(bucket)
    const storage = openS3Storage(s3ConfigOf(sharedMinio!, { bucket }))
    onTestFinished(() => storage.close())
    await startTwoAtOnce(storage)
  })

  it('are told by the identity that they have, at the first start too', async () => {
    const finding = await test.deps.identity.note()
    const { deployment } = (await store())!
    const [database, place] = describeFinding(finding, await test.deps.identity.holdings(), places)
    expect(database).toMatch(new RegExp(`deployment ${deployment.slice(0, 8)}, .* last used never$`))
    expect(place).toBe(`Store /data/storage: deployment ${deployment.slice(0, 8)}, last used never`)
  })

  it.each<[string, string]>([
    ['no JSON', 'x'],
    [
      'a moment that there is not',
      JSON.stringify({
        deployment: randomUUID(),
        usedAt: '2026-13-45T00:00:00.000Z',
      }),
    ],
    [
      'too long',
      `${JSON.stringify({
        deployment: randomUUID(),
        usedAt: new Date().toISOString(),
      })}${' '.repeat(5000)}`,
    ],
  ])('do not belong together by a mark that cannot be read (%s), which `adopt` writes anew', async (_what, bytes) => {
    await addFiles(1)
    await test.deps.identity.note()
    await test.deps.storage.putObject(IDENTITY_KEY, Readable.from([bytes]))
    expect((await test.deps.identity.note()).standing).toBe('unreadable_mark')
    expect(await test.deps.identity.isOurs()).toBe(false)
    expect(await adoptNow()).toBe(adoptExit.done)
    expect(await standing()).toBe('ours')
    expect(await test.deps.db.$count(orphans)).toBe(0)
  })

  it('do not belong together when the store was emptied and has files again since', async () => {
    await addFiles(21)
    await test.deps.identity.note()
    await emptyStore()
    await addFiles(2)
    expect((await test.deps.identity.note()).standing).toBe('lost_store')
    expect(await store()).toBeUndefined()
  })

  it('keep aside what an old copy of the database takes for unfinished', async () => {
    await addFiles(1)
    const workspace = await createWorkspace(test)
    // As it was while the file was on its way, which has come whole since.
    const key = `w/${workspace.id}/${randomUUID()}`
    const at = test.deps.clock()
    await test.deps.db.insert(objects).values({
      key,
      workspaceId: workspace.id,
      state: 'staged',
      createdAt: at,
      touchedAt: at,
    })
    await put(key)
    await test.deps.identity.note()
    const { restoreDatabase } = await remember()
    await test.deps.identity.note()
    await restoreDatabase()
    expect(await standing()).toBe('older_database')
    expect(await adoptNow()).toBe(adoptExit.done)
    await test.deps.objects.discard(key)
    expect(await test.deps.db.$count(objects, eq(objects.key, key))).toBe(0)
    expect(await test.deps.storage.statObject(key)).toEqual({ size: 1 })
    expect((await test.deps.storageHealth.get()).orphans.kept).toEqual({ count: 1, bytes: 1 })
  })
})
