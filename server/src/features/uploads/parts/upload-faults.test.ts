import type { UploadsTest } from '../uploads.fixture.ts'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { and, eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../../test/audit-log.ts'
import { systemCaller } from '../../../http/caller.ts'
import { StorageError } from '../../../storage/storage.ts'
import { auditEvents } from '../../audit/audit.table.ts'
import { fileVersions } from '../../items/items.table.ts'
import { createUploadsTest, cut, MiB, sha256 } from '../uploads.fixture.ts'
import { uploadParts, uploads } from '../uploads.table.ts'

describe('an upload in parts, when something breaks', () => {
  let t: UploadsTest
  beforeAll(async () => { t = await createUploadsTest({ BODY_IDLE_SECONDS: '1' }) })
  afterEach(async () => {
    for (const name of Object.keys(t.faults)) delete t.faults[name as keyof typeof t.faults]
    for (const { id } of await t.test.deps.db.select({ id: uploads.id }).from(uploads).where(eq(uploads.state, 'open'))) await t.sessions.giveUp(systemCaller, { id }, 'aborted')
    await expect.poll(() => t.violations()).toEqual([])
  })
  afterAll(() => t.close())

  const code = ({ status, body }: { status: number, body: any }) => [status, body.code]
  describe('with a store that fails', () => {
    const broken = async () => { throw new StorageError('unavailable', 'broken') }

    it('at the beginning, leaves nothing', async () => {
      const w = await t.workspace()
      t.faults.createMultipart = broken
      await expect(t.createUpload(w, 10)).rejects.toThrow('503')
      expect(await t.violations()).toEqual([])
    })

    it('in a byte on its way back, does not give a file up for it', async () => {
      const { storage, db } = t.test.deps
      const w = await t.workspace()
      const bytes = randomBytes(16 * MiB + 3)
      const upload = await t.createUpload(w, bytes.length)
      for (const [i, part] of cut(bytes, upload).entries()) await t.putPart(upload, i + 1, part)
      expect((await t.complete(upload)).status).toBe(201)
      let reads = 0
      t.faults.getObject = async (...args) => {
        const { body, size } = await storage.getObject(...args)
        const read = Buffer.concat(await body.toArray())
        if (reads++ < 2) read[MiB]! ^= 1
        return {
          body: Readable.from([read]),
          size,
        }
      }
      const integrity = async () => (await db.select({ integrity: fileVersions.integrity }).from(fileVersions).where(eq(fileVersions.workspaceId, w.id)))[0]!.integrity
      for (const looks of [0, 1]) {
        await t.verify(upload, looks)
        expect(await integrity()).toBe('pending')
      }
      await t.verify(upload, 2)
      expect(await integrity()).toBe('verified')
    })

    it('in a part, takes it the next time', async () => {
      const w = await t.workspace()
      const bytes = randomBytes(10)
      const upload = await t.createUpload(w, 10)
      t.faults.putPart = async (_upload, _part, body) => {
        body.destroy()
        return broken()
      }
      const answer = await t.putPart(upload, 1, bytes)
      expect(answer.status).toBe(503)
      expect(answer.headers['retry-after']).toBeDefined()
      delete t.faults.putPart
      expect((await t.complete(upload)).body.missing).toEqual([1])
      await t.putPart(upload, 1, bytes)
      expect((await t.complete(upload)).body.sha256).toBe(sha256(bytes))
    })

    it('before or after it made one object of the parts, completes the next time', async () => {
      const { storage } = t.test.deps
      for (const after of [false, true]) {
        const w = await t.workspace()
        const bytes = randomBytes(16 * MiB + 3)
        const upload = await t.createUpload(w, bytes.length)
        for (const [i, part] of cut(bytes, upload).entries()) await t.putPart(upload, i + 1, part)
        t.faults.completeMultipart = async (...args) => {
          if (after) await storage.completeMultipart(...args)
          return broken()
        }
        expect((await t.complete(upload)).status).toBe(503)
        delete t.faults.completeMultipart
        t.faults.getObject = broken
        expect((await t.complete(upload)).status).toBe(503)
        delete t.faults.getObject
        const done = await t.complete(upload)
        expect(done.status).toBe(201)
        expect((await t.readFile(w, done.body.id)).equals(bytes)).toBe(true)
      }
    })

    it('while it is aborted, is emptied by the job', async () => {
      const w = await t.workspace()
      const upload = await t.createUpload(w, 10)
      t.faults.abortMultipart = broken
      expect((await t.send('DELETE', `/uploads/${upload.id}`, { token: upload.uploadToken })).status).toBe(204)
      expect(await t.violations()).not.toEqual([])
      delete t.faults.abortMultipart
      await t.runDeletions()
      expect(await t.violations()).toEqual([])
    })

    it('and has other parts than were acknowledged, asks for those again', async () => {
      const w = await t.workspace()
      const bytes = randomBytes(16 * MiB + 3)
      const upload = await t.createUpload(w, bytes.length)
      const parts = cut(bytes, upload)
      for (const [i, part] of parts.entries()) await t.putPart(upload, i + 1, part)
      await t.test.deps.db.update(uploadParts).set({
        etag: '0'.repeat(32),
      }).where(and(eq(uploadParts.uploadId, upload.id), eq(uploadParts.n, 2)))
      expect((await t.complete(upload)).body).toMatchObject({
        code: 'upload.incomplete',
        missing: [2],
      })
      expect((await t.putPart(upload, 2, parts[1]!)).status).toBe(200)
      const done = await t.complete(upload)
      expect((await t.readFile(w, done.body.id)).equals(bytes)).toBe(true)
    })

    it('and has lost the upload, says so', async () => {
      const w = await t.workspace()
      const upload = await t.createUpload(w, 10)
      await t.putPart(upload, 1, randomBytes(10))
      t.faults.completeMultipart = async () => { throw new StorageError('not_found', 'no such upload') }
      expect(code(await t.complete(upload))).toEqual([409, 'upload.closed'])
      expect(await t.violations()).toEqual([])
    })
  })

  it.each([
    [
      'a part that changed in the store',
      { part: true },
    ],
    [
      'another SHA-256 than the client announced',
      { part: false },
    ],
  ])('fails its integrity with %s', async (_what, { part }) => {
    const w = await t.workspace()
    const bytes = randomBytes(16 * MiB + 3)
    const upload = await t.createUpload(w, bytes.length)
    for (const [i, piece] of cut(bytes, upload).entries()) await t.putPart(upload, i + 1, piece)
    const done = await t.complete(upload, part
      ? {}
      : {
          sha256: sha256(randomBytes(1)),
        })
    if (part) {
      await t.test.deps.db.update(uploadParts).set({
        sha256: randomBytes(32),
      }).where(and(eq(uploadParts.uploadId, upload.id), eq(uploadParts.n, 2)))
    }
    t.faults.getObject = async () => { throw new StorageError('unavailable', 'broken') }
    await expect(t.verify(upload)).rejects.toThrow('broken')
    delete t.faults.getObject
    await t.verify(upload)
    await t.verify(upload)
    expect((await t.complete(upload)).body).toMatchObject({ id: done.body.id, integrity: 'failed', sha256: null })
    const events = await toldEvents(t.test, eq(auditEvents.chainId, w.id))
    expect(events.map(event => event.action)).toEqual(['file.uploaded', 'file.integrity_failed'])
  })
})
