import type { TestWorkspace } from '../../../test/factories.ts'
import type { UploadsTest } from '../uploads/uploads.fixture.ts'
import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { auditOf } from '../../../test/audit-log.ts'
import { addMember } from '../../../test/factories.ts'
import { setFailed } from '../objects/objects-scrub.queries.ts'
import { holdObject } from '../objects/objects.queries.ts'
import { checkOne } from '../objects/objects.scrub.ts'
import { verifyFile } from '../objects/objects.verify.ts'
import { createUploadsTest } from '../uploads/uploads.fixture.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { fileVersions } from './items.table.ts'

const nil = '00000000-0000-0000-0000-000000000000'
const first = Buffer.from('The first offer.')
const second = Buffer.from('The second offer, which is better.')

describe('an earlier version', () => {
  let t: UploadsTest
  let w: TestWorkspace
  let id: string
  beforeEach(async () => {
    t = await createUploadsTest()
    w = await t.workspace()
    id = await upload(first)
    await upload(second)
  })
  afterEach(() => t.close())

  const upload = async (bytes: Buffer, user = w.owner): Promise<string> => (await t.uploadFile(w, bytes, { name: 'Offer.txt', onConflict: 'replace', user })).body.id
  const restore = (version: number | string, { file = id, token = w.owner.token, headers = {} }: { file?: string, token?: string, headers?: Record<string, string> } = {}) =>
    t.send('POST', `/files/${file}/versions/${version}/restore`, { token, headers })
  const versionsOf = async () => (await t.send('GET', `/files/${id}/versions`, { token: w.owner.token })).body.items
  const rowsOf = () => t.test.deps.db.select().from(fileVersions).where(eq(fileVersions.itemId, id)).orderBy(fileVersions.number)
  const usedBytes = async () => (await t.test.deps.db.select().from(workspaces).where(eq(workspaces.id, w.id)))[0]!.usedBytes

  it('becomes a new one of the same object, which takes no more room', async () => {
    const editor = await addMember(t.test, w, 'staff', { spaceRole: 'editor' })
    const before = await usedBytes()
    const answer = await restore(1, { token: editor.token })
    expect(answer).toMatchObject({
      status: 200,
      body: {
        id,
        version: 3,
        size: first.length,
        integrity: 'verified',
      },
    })
    expect(answer.headers.etag).toBe(answer.body.etag)
    expect((await t.readFile(w, id)).equals(first)).toBe(true)
    expect(await versionsOf()).toMatchObject([
      {
        version: 3,
        restoredFrom: 1,
        size: first.length,
        createdBy: { id: editor.id },
      },
      { version: 2, restoredFrom: null },
      { version: 1, restoredFrom: null },
    ])
    const [one, , three] = await rowsOf()
    expect([three!.objectKey, three!.sha256, three!.crc32]).toEqual([one!.objectKey, one!.sha256, one!.crc32])
    expect(await usedBytes()).toBe(before)
    expect(await t.violations()).toEqual([])
    expect((await auditOf(t.test, w.id, 'file.version_restored')).map(({ actorId, subject, details }) => ({ actorId, subject, details }))).toEqual([
      {
        actorId: editor.id,
        subject: { kind: 'file', id, name: 'Offer.txt' },
        details: {
          parentId: w.rootId,
          parentName: expect.any(String),
          version: 3,
          restoredFrom: 1,
          size: first.length,
          sha256: one!.sha256,
        },
      },
    ])
  })

  it('is the file\'s already: then nothing happens, however often it was restored', async () => {
    await restore(1)
    const { body: before } = await t.send('GET', `/items/${id}`, { token: w.owner.token })
    for (const version of [3, 1]) expect((await restore(version)).body).toMatchObject({ version: 3, etag: before.etag })
    await restore(2)
    expect((await restore(1)).body).toMatchObject({ version: 5, size: first.length })
    expect((await versionsOf()).map((version: { restoredFrom: number | null }) => version.restoredFrom)).toEqual([1, 2, 1, null, null])
    expect(await t.violations()).toEqual([])
  })

  it('is restored only where the file is as one saw it, by those who may change it', async () => {
    const { body: { etag } } = await t.send('GET', `/items/${id}`, { token: w.owner.token })
    const [contributor, viewer] = [await addMember(t.test, w, 'staff', { spaceRole: 'contributor' }), await addMember(t.test, w, 'staff', { spaceRole: 'viewer' })]
    for (const { token } of [contributor, viewer]) expect((await restore(1, { token })).status).toBe(403)
    expect((await restore(1, {
      headers: { 'if-match': '"999"' },
    })).body.code).toBe('precondition.failed')
    for (const [version, status] of [
      [9, 404],
      [0, 400],
      ['x', 400],
      [2 ** 31, 400],
    ] as const) expect((await restore(version)).status).toBe(status)
    expect((await restore(1, { file: nil })).status).toBe(404)
    expect((await restore(1, { file: w.rootId })).status).toBe(404)
    expect((await restore(1, {
      headers: { 'if-match': etag },
    })).status).toBe(200)
    expect((await restore(2, {
      headers: { 'if-match': etag },
    })).status).toBe(412)
    await t.send('DELETE', `/items/${id}`, { token: w.owner.token })
    expect((await restore(2)).status).toBe(404)
  })

  it('that is damaged is not restored, and what was restored from it before is found damaged with it', async () => {
    await restore(1)
    const { objectKey } = (await rowsOf())[0]!
    await t.test.deps.storage.deleteObject(objectKey)
    await t.test.deps.storage.putObject(objectKey, Readable.from([
      Buffer.alloc(first.length),
    ], { objectMode: false }), { size: first.length })
    await checkOne({
      ...t.test.deps,
      log: {
        info: () => {},
        error: () => {},
      },
    }, { key: objectKey }, new AbortController().signal)
    expect((await versionsOf()).map((version: { integrity: string }) => version.integrity)).toEqual(['failed', 'verified', 'failed'])
    expect((await auditOf(t.test, w.id, 'file.integrity_failed')).map(({ details }) => details.version).sort()).toEqual([1, 3])
    const refused = await restore(1)
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      409,
      'file.corrupt',
      expect.stringContaining('Version 1'),
    ])
    expect((await restore(2)).body).toMatchObject({ version: 4, integrity: 'verified' })
  })

  it('that is being found damaged waits for what is found', async () => {
    const { objectKey } = (await rowsOf())[0]!
    const { db } = t.test.deps
    const restoring = await db.transaction(async (tx) => {
      await holdObject(tx, objectKey)
      const restoring = restore(1)
      await expect.poll(async () => (await db.execute(sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rowCount).toBe(1)
      await setFailed(tx, objectKey)
      return { answer: restoring }
    })
    expect((await restoring.answer).body.code).toBe('file.corrupt')
  })

  it('is verified with what was restored from it, where that was not known yet', async () => {
    const bytes = Buffer.alloc(20, 'x')
    const parts = await t.createUpload(w, bytes.length, { name: 'Offer.txt', onConflict: 'replace' })
    await t.putPart(parts, 1, bytes)
    await t.complete(parts)
    await t.test.deps.db.update(fileVersions).set({ integrity: 'pending', sha256: null }).where(eq(fileVersions.number, 3))
    await restore(1)
    expect((await restore(3)).body).toMatchObject({ version: 5, integrity: 'pending', sha256: null })
    const { objectKey } = (await rowsOf())[2]!
    await verifyFile(t.context, { objectKey, uploadId: parts.id }, new AbortController().signal)
    expect((await versionsOf()).filter((version: { size: number }) => version.size === 20)).toMatchObject([
      {
        version: 5,
        integrity: 'verified',
        sha256: expect.any(String),
      },
      { version: 3, integrity: 'verified' },
    ])
  })

  it('is deleted for ever with the file, its room freed once', async () => {
    await restore(1)
    await t.send('DELETE', `/items/${id}`, { token: w.owner.token })
    expect((await t.send('POST', `/workspaces/${w.id}/trash/purge`, {
      token: w.owner.token,
      body: {
        itemIds: [id],
      },
    })).status).toBe(204)
    await t.runDeletions()
    expect(await usedBytes()).toBe(0)
    expect(await t.violations()).toEqual([])
  })
})
