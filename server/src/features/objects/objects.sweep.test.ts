import type { UploadsTest } from '../uploads/uploads.fixture.ts'
import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { readStoreIdentity, writeStoreIdentity } from '../identity/store-identity.ts'
import { UPLOAD_LIFETIME_MS } from '../uploads/parts/upload-lifetime.ts'
import { createUploadsTest, cut, MiB } from '../uploads/uploads.fixture.ts'
import { uploads } from '../uploads/uploads.table.ts'
import { QUARANTINE_MS, SWEEP_GRACE_MS } from './objects.lifetime.ts'
import { keepUnknown, sweepStore } from './objects.orphans.ts'
import { sweepDatabase } from './objects.sweep.ts'
import { objects } from './objects.table.ts'

const HOUR = 3_600_000

describe('the sweep', () => {
  let t: UploadsTest
  beforeEach(async () => {
    t = await createUploadsTest()
    await t.context.identity.note()
  })
  afterEach(() => t.close())
  const signal = new AbortController().signal
  const sweep = () => sweepDatabase(t.context, t.sessions, signal)

  it('ends an upload that expired, and no younger one', async () => {
    const w = await t.workspace()
    const old = await t.createUpload(w, 10, { name: 'old' })
    t.test.clock.advance(2 * HOUR)
    const active = await t.createUpload(w, 20, { name: 'active' })
    t.test.clock.advance(UPLOAD_LIFETIME_MS - HOUR)
    const fresh = await t.putPart(active, 1, randomBytes(20)) // moves its end on
    expect(fresh.status).toBe(200)
    expect((await t.putPart(old, 1, randomBytes(10))).body.code).toBe('upload.closed')

    await sweep()
    t.test.clock.advance(2 * HOUR)
    await sweep()
    const states = await t.test.deps.db.select({ id: uploads.id, state: uploads.state }).from(uploads)
    // The expired one's row goes with the next run: nobody can do anything with it any more.
    expect(states).toEqual([
      { id: active.id, state: 'open' },
    ])
    expect(await t.violations(false)).toEqual([])
    const events = await toldEvents(t.test, eq(auditEvents.chainId, w.id))
    expect(events.map(({ action, actor, details }) => [action, actor.kind, details.reason])).toEqual([
      ['upload.aborted', 'system', 'expired'],
    ])

    const done = await t.complete(active)
    expect(done.status).toBe(201)
    expect(await t.violations()).toEqual([])
  })

  it('gives up what a crash left staged once it is old, and returns its reservation', async () => {
    const w = await t.workspace()
    const { key } = await t.context.objects.stage(w.id, { wanted: 1000 })
    await t.test.deps.storage.putObject(key, Readable.from([
      randomBytes(1000),
    ]))
    const noRef = await t.context.objects.stage(w.id, { wanted: 10 })
    await t.test.deps.storage.createMultipart(noRef.key, { size: 10, partSize: 10 })
    t.test.clock.advance(SWEEP_GRACE_MS - HOUR)
    await sweep()
    expect(await t.test.deps.db.select({ state: objects.state }).from(objects)).toEqual([
      { state: 'staged' },
      { state: 'staged' },
    ])
    await t.context.objects.touch(key)
    t.test.clock.advance(2 * HOUR)
    await sweep()
    expect((await t.test.deps.db.select({ key: objects.key }).from(objects)).map(row => row.key)).toEqual([key])
    t.test.clock.advance(SWEEP_GRACE_MS)
    await sweep()
    expect(await t.violations()).toEqual([])
  })

  it('deletes what was doomed when its job was lost', async () => {
    const w = await t.workspace()
    const { key } = await t.context.objects.stage(w.id, { wanted: 10 })
    await t.test.deps.storage.putObject(key, Readable.from([
      randomBytes(10),
    ]))
    await t.test.deps.db.transaction(tx => t.context.objects.doom(tx, key))
    await sweep()
    expect(await t.test.deps.storage.statObject(key)).toBeDefined()
    t.test.clock.advance(2 * HOUR)
    await sweep()
    expect(await t.violations()).toEqual([])
  })

  it('drops what the store has without a row when it is old, and nothing that has one', async () => {
    const w = await t.workspace()
    const { storage } = t.test.deps
    const bytes = randomBytes(16 * MiB + 1)
    const upload = await t.createUpload(w, bytes.length)
    for (const [i, part] of cut(bytes, upload).entries()) await t.putPart(upload, i + 1, part)
    const file = await t.uploadFile(w, randomBytes(100))
    await storage.putObject(`w/${w.id}/orphan`, Readable.from(['x']))
    await storage.createMultipart(`w/${w.id}/forgotten`, { size: 10, partSize: 10 })

    await sweep()
    await sweepStore(t.context, signal)
    // Young: they may belong to a request that runs. Not every MinIO lists uploads of keys that nobody names; it drops them itself.
    const found = await t.violations(false)
    expect(found.filter(line => !line.includes('/forgotten, unfinished'))).toEqual([
      expect.stringContaining('/orphan'),
    ])
    if (storage.kind === 'local') expect(found).toContainEqual(expect.stringContaining('/forgotten, unfinished'))

    t.test.clock.advance(SWEEP_GRACE_MS + HOUR)
    await sweep()
    expect(await sweepStore(t.context, signal)).toMatchObject({ deleted: 0 })
    const done = await t.complete(upload)
    t.test.clock.advance(QUARANTINE_MS - HOUR)
    expect(await sweepStore(t.context, signal)).toMatchObject({ deleted: 0 })
    t.test.clock.advance(HOUR)
    await sweepStore(t.context, signal)
    expect(await t.violations(false)).toEqual([])
    expect((await t.readFile(w, file.body.id)).length).toBe(100)
    expect((await t.readFile(w, done.body.id)).equals(bytes)).toBe(true)
  })

  describe('what no row knows', () => {
    const logged: { level: string, fields: any }[] = []
    beforeEach(() => { logged.length = 0 })
    const look = () => sweepStore({
      ...t.context,
      log: {
        info: fields => logged.push({ level: 'info', fields }),
        error: fields => logged.push({ level: 'error', fields }),
      },
    }, signal)
    const put = (key: string) => t.test.deps.storage.putObject(key, Readable.from(['x']))
    async function count(list: AsyncIterable<unknown>): Promise<number> {
      let found = 0
      for await (const _ of list) found++
      return found
    }
    const countStored = () => count(t.test.deps.storage.listObjects())
    const countStaged = () => count(t.test.deps.storage.listMultiparts())

    it('is not deleted when the database was lost, and that is said each time', async () => {
      const w = await t.workspace()
      for (let n = 0; n < 12; n++) await t.uploadFile(w, randomBytes(10), { name: `${n}` })
      await t.createUpload(w, 10)
      const staged = await countStaged()
      await t.test.deps.db.execute(sql`truncate workspaces cascade`)
      t.test.clock.advance(SWEEP_GRACE_MS + HOUR)
      await put('probe-left-behind')
      for (let night = 0; night < 2; night++) {
        await sweep()
        const found = await look()
        expect(found).toEqual({
          lookedAt: 12 + staged,
          unknown: 12 + staged,
          deleted: 0,
          stopped: true,
        })
        expect(logged.at(-1)).toMatchObject({ level: 'error', fields: found })
        expect(logged.at(-1)!.fields.keys.length).toBe(10)
      }
      // The probe and the store's identity too.
      expect([await countStored(), await countStaged()]).toEqual([14, staged])
    })

    it.each([
      { known: 9, unknown: 1, stopped: true },
      { known: 8, unknown: 1, stopped: false },
      { known: 99, unknown: 1, stopped: false },
      { known: 98, unknown: 2, stopped: true },
    ])('of $known known objects and $unknown unknown: left there is $stopped', async ({ known, unknown, stopped }) => {
      const w = await t.workspace()
      const rows = Array.from({ length: known }, (_, n) => ({
        key: `w/${w.id}/known-${n}`,
        workspaceId: w.id,
        state: 'committed' as const,
        createdAt: t.test.clock.now(),
        touchedAt: t.test.clock.now(),
      }))
      await t.test.deps.db.insert(objects).values(rows)
      for (const { key } of rows) await put(key)
      for (let n = 0; n < unknown; n++) await put(`w/${w.id}/unknown-${n}`)
      await put('moves/left-behind')
      t.test.clock.advance(SWEEP_GRACE_MS + HOUR)
      for (const deleted of [1, unknown]) {
        const found = await look()
        expect(found).toEqual({
          lookedAt: known + unknown,
          unknown,
          deleted: stopped
            ? 0
            : deleted,
          stopped,
        })
        expect(logged.at(-1)).toMatchObject({
          level: stopped ? 'error' : 'info',
          fields: found,
        })
        t.test.clock.advance(QUARANTINE_MS)
      }
      // The probe goes at once, the store's identity never.
      expect(await countStored()).toBe(stopped
        ? known + unknown + 2
        : known + 1)
    })

    it('is kept when the database learns of it before its turn', async () => {
      const w = await t.workspace()
      const key = `w/${w.id}/late`
      await put(key)
      t.test.clock.advance(SWEEP_GRACE_MS + HOUR)
      t.faults.listMultiparts = async function* () {
        await t.test.deps.db.insert(objects).values({
          key,
          workspaceId: w.id,
          state: 'committed',
          createdAt: t.test.clock.now(),
          touchedAt: t.test.clock.now(),
        })
      }
      expect(await look()).toMatchObject({ unknown: 1, deleted: 0 })
      t.faults.listMultiparts = undefined
      t.test.clock.advance(QUARANTINE_MS)
      expect(await look()).toMatchObject({ unknown: 0, deleted: 0 })
      expect(await countStored()).toBe(2)
    })

    it('is deleted although another one before it cannot be, which is logged and stays noted', async () => {
      const w = await t.workspace()
      const keys = ['a', 'b', 'c'].map(name => `w/${w.id}/${name}`)
      for (const key of keys) await put(key)
      t.test.clock.advance(SWEEP_GRACE_MS + HOUR)
      await look()
      t.test.clock.advance(QUARANTINE_MS)
      const { deleteObject, statObject } = t.test.deps.storage
      t.faults.deleteObject = async (key) => {
        if (key === keys[0]) throw new Error('Access denied')
        return deleteObject(key)
      }
      expect(await look()).toMatchObject({ unknown: 3, deleted: 2 })
      expect(logged.filter(({ level }) => level === 'error').map(({ fields }) => [fields.key, fields.err.message])).toEqual([
        [keys[0], 'Access denied'],
      ])
      expect(await Promise.all(keys.map(key => statObject(key)))).toEqual([
        { size: 1 },
        undefined,
        undefined,
      ])
      t.faults.deleteObject = undefined
      expect(await look()).toMatchObject({ unknown: 1, deleted: 1 })
    })

    it('is kept when the store is not the one that the database was last used with', async () => {
      const w = await t.workspace()
      const key = `w/${w.id}/strange`
      await put(key)
      t.test.clock.advance(SWEEP_GRACE_MS + HOUR)
      await look()
      t.test.clock.advance(QUARANTINE_MS)
      const { deployment, usedAt } = (await readStoreIdentity(t.test.deps.storage))!
      for (const strange of [
        {
          deployment: randomUUID(),
          usedAt,
        },
        {
          deployment,
          usedAt: t.test.clock.now(),
        },
      ]) {
        await writeStoreIdentity(t.test.deps.storage, strange)
        expect(await look()).toMatchObject({ deleted: 0, stopped: true })
      }
      await writeStoreIdentity(t.test.deps.storage, { deployment, usedAt })
      expect(await look()).toMatchObject({ deleted: 1, stopped: false })
    })

    it('is deleted only when an operator says so once it was kept, however much it is', async () => {
      const w = await t.workspace()
      for (let n = 0; n < 12; n++) await put(`w/${w.id}/strange-${n}`)
      expect(await keepUnknown(t.context, signal)).toEqual({ count: 12, bytes: 12 })
      t.test.clock.advance(SWEEP_GRACE_MS + QUARANTINE_MS)
      expect(await look()).toEqual({
        lookedAt: 0,
        unknown: 0,
        deleted: 0,
        stopped: false,
      })
      const { storageHealth } = t.test.deps
      expect((await storageHealth.get()).orphans).toEqual({
        waiting: { count: 0, bytes: 0 },
        kept: { count: 12, bytes: 12 },
      })
      await storageHealth.deleteKept()
      await look()
      expect(await countStored()).toBe(1)
      expect((await storageHealth.get()).orphans).toEqual({
        waiting: { count: 0, bytes: 0 },
        kept: { count: 0, bytes: 0 },
      })
    })
  })

  it('goes on when one of many fails, and stops when told', async () => {
    const w = await t.workspace()
    for (const name of ['a', 'b', 'c']) await t.createUpload(w, 10, { name })
    t.test.clock.advance(UPLOAD_LIFETIME_MS + HOUR)
    const stopped = new AbortController()
    stopped.abort()
    await expect(sweepDatabase(t.context, t.sessions, stopped.signal)).rejects.toThrow()
    let first = true
    const flaky = {
      giveUp: async (...args: Parameters<typeof t.sessions.giveUp>) => {
        if (!first) return t.sessions.giveUp(...args)
        first = false
        throw new Error('once')
      },
    }
    await sweepDatabase(t.context, flaky, signal)
    expect((await t.test.deps.db.select().from(uploads).where(eq(uploads.state, 'open'))).length).toBe(1)
    await sweep()
    expect(await t.violations()).toEqual([])
  })
})
