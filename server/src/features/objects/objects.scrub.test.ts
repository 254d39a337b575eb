import type { TestWorkspace } from '../../../test/factories.ts'
import type { UploadsTest } from '../uploads/uploads.fixture.ts'
import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { auditOf } from '../../../test/audit-log.ts'
import { setUpInstance } from '../../../test/factories.ts'
import { queuedPayloads } from '../../../test/item-factories.ts'
import { fetchRaw } from '../../../test/sockets.ts'
import { BLOCK_BYTES, createBlockSums } from '../../storage/block-sums.ts'
import { fileVersions } from '../items/items.table.ts'
import { createUploadsTest, cut, MiB } from '../uploads/uploads.fixture.ts'
import { checkOne, scrubAll, scrubShare } from './objects.scrub.ts'
import { objectBlocks, objects } from './objects.table.ts'

const DAY = 24 * 3_600_000

describe('bytes in the store', () => {
  let t: UploadsTest
  let w: TestWorkspace
  const errors: string[] = []
  beforeEach(async () => {
    t = await createUploadsTest()
    w = await t.workspace()
    errors.length = 0
  })
  afterEach(() => t.close())
  const signal = new AbortController().signal
  const context = () => ({
    ...t.test.deps,
    log: {
      info: () => {},
      error: (_: object, message: string) => void errors.push(message),
    },
  })

  const upload = async (bytes: Buffer, name = 'a.bin') => (await t.uploadFile(w, bytes, { name })).body.id as string
  const versionOf = async (id: string) => (await t.test.deps.db.select().from(fileVersions).where(eq(fileVersions.itemId, id)))[0]!
  const sumsOf = async (key: string) => (await t.test.deps.db.select().from(objectBlocks).where(eq(objectBlocks.objectKey, key)))[0]?.sums
  const expectedSums = (bytes: Buffer) => {
    const sums = createBlockSums()
    sums.update(bytes)
    return sums.result().blocks
  }
  /** Other bytes of the same length, put there past the server. */
  async function replace(key: string, bytes: Buffer): Promise<void> {
    await t.test.deps.storage.deleteObject(key)
    await t.test.deps.storage.putObject(key, Readable.from([bytes], { objectMode: false }), { size: bytes.length })
  }
  const flipped = (bytes: Buffer, at: number) => {
    const other = Buffer.from(bytes)
    other[at]! ^= 1
    return other
  }
  const get = (id: string, range?: string) => fetchRaw(t.port, `/api/v1/files/${id}/content`, {
    headers: {
      authorization: `Bearer ${w.owner.token}`,
      ...range && { range },
    },
  })

  it('have the sums of their blocks from the moment they are a file, in whatever way they came', async () => {
    const bytes = randomBytes(16 * MiB + 2 * MiB + 77)
    const byForm = await versionOf(await upload(bytes))
    expect((await sumsOf(byForm.objectKey))!.equals(expectedSums(bytes))).toBe(true)

    const parts = await t.createUpload(w, bytes.length)
    const pieces = cut(bytes, parts)
    await Promise.all(pieces.map((_, i) => t.putPart(parts, pieces.length - i, pieces[pieces.length - 1 - i]!)))
    const byParts = await versionOf((await t.complete(parts)).body.id)
    expect((await sumsOf(byParts.objectKey))!.equals(expectedSums(bytes))).toBe(true)

    // Of one block the file's own sum is that block's.
    expect(await sumsOf((await versionOf(await upload(randomBytes(1000), 'small'))).objectKey)).toBeUndefined()
  })

  it('come right or break off before a wrong block, whatever part of them is asked for', async () => {
    const bytes = randomBytes(3 * BLOCK_BYTES + 500)
    const id = await upload(bytes)
    const { objectKey } = await versionOf(id)
    for (const [start, end] of [
      [0, bytes.length - 1],
      [0, 0],
      [BLOCK_BYTES - 1, BLOCK_BYTES],
      [2 * BLOCK_BYTES + 9, bytes.length - 1],
    ] as const) {
      const answer = await get(id, `bytes=${start}-${end}`)
      expect([
        answer.status,
        answer.headers['content-range'],
        answer.body.equals(bytes.subarray(start, end + 1)),
      ]).toEqual([206, `bytes ${start}-${end}/${bytes.length}`, true])
    }

    await replace(objectKey, flipped(bytes, BLOCK_BYTES + 5))
    for (const range of [undefined, 'bytes=0-', 'bytes=10-']) {
      const from = range === 'bytes=10-'
        ? 10
        : 0
      const answer = await get(id, range)
      expect([answer.status, answer.broken]).toEqual([
        range ? 206 : 200,
        'aborted',
      ])
      expect(answer.body.equals(bytes.subarray(from, from + answer.body.length))).toBe(true)
      expect(answer.body.length).toBeLessThanOrEqual(BLOCK_BYTES - from)
    }
    // Nothing has been sent yet: then it is a problem.
    const refused = await get(id, `bytes=${BLOCK_BYTES + 100}-${BLOCK_BYTES + 200}`)
    expect([refused.status, JSON.parse(refused.body.toString()).code]).toEqual([500, 'file.corrupt'])
    expect((await get(id, `bytes=${2 * BLOCK_BYTES}-`)).body.equals(bytes.subarray(2 * BLOCK_BYTES))).toBe(true)
    await expect.poll(() => queuedPayloads(t.test, 'object.check')).toEqual([
      { key: objectKey },
    ])

    await checkOne(context(), { key: objectKey }, signal)
    expect((await get(id)).status).toBe(409)
  })

  it('that were hurt on their way back only are served again, by a look after a minute, ten, an hour, and each day', async () => {
    const bytes = randomBytes(2 * BLOCK_BYTES)
    const id = await upload(bytes)
    const { objectKey } = await versionOf(id)
    await replace(objectKey, flipped(bytes, 5))
    const looks = async () => (await t.test.deps.db.execute<{ look: unknown }>(sql`
      select data || jsonb_build_object('afterSeconds', round(extract(epoch from start_after - created_on))) look
      from pgboss.job where name = 'object.check' order by start_after, (data->>'looks')::int`)).rows.map(({ look }) => look)
    await checkOne(context(), { key: objectKey }, signal)
    expect((await get(id)).status).toBe(409)
    expect(await looks()).toEqual([
      { key: objectKey, looks: 1, afterSeconds: 60 },
    ])
    for (const [n, afterSeconds] of [600, 3600, 86_400, 86_400].entries()) {
      await checkOne(context(), { key: objectKey, looks: n + 1 }, signal)
      expect((await looks()).at(-1)).toEqual({ key: objectKey, looks: n + 2, afterSeconds })
    }
    expect((await get(id)).status).toBe(409)

    await replace(objectKey, bytes)
    await checkOne(context(), { key: objectKey, looks: 5 }, signal)
    expect((await get(id)).body.equals(bytes)).toBe(true)
    expect(await auditOf(t.test, w.id, 'file.integrity_restored')).toHaveLength(1)
    // What is right, or gone for good, is not looked at any more.
    expect(await looks()).toHaveLength(5)
    await checkOne(context(), { key: objectKey, looks: 5 }, signal)
    await checkOne(context(), { key: 'gone', looks: 5 }, signal)
    expect(await looks()).toHaveLength(5)
  })

  it('that came before sums were noted have them once they were read', async () => {
    const [large, small] = [
      randomBytes(2 * BLOCK_BYTES + 1),
      randomBytes(10),
    ]
    const versions = [await versionOf(await upload(large, 'large')), await versionOf(await upload(small, 'small'))]
    await t.test.deps.db.delete(objectBlocks)
    await t.test.deps.db.update(fileVersions).set({ crc32: null })
    expect(await scrubShare(context(), signal)).toMatchObject({ lookedAt: 2, damaged: 0 })
    expect((await sumsOf(versions[0]!.objectKey))!.equals(expectedSums(large))).toBe(true)
    expect((await t.test.deps.db.select({ crc32: fileVersions.crc32 }).from(fileVersions).orderBy(fileVersions.sizeBytes)).map(row => row.crc32)).toEqual(versions.map(version => version.crc32).reverse())
    expect(await scrubShare(context(), signal)).toMatchObject({ lookedAt: 0 })
  })

  it('are read within the time set, and what is damaged is told, kept back and seen', async () => {
    const operator = await setUpInstance(t.test)
    const bytes = randomBytes(BLOCK_BYTES + 5)
    const [good, bad] = [await upload(bytes, 'good'), await upload(bytes, 'bad')]
    const { objectKey } = await versionOf(bad)
    await replace(objectKey, flipped(bytes, BLOCK_BYTES))
    expect(await scrubShare(context(), signal)).toMatchObject({ lookedAt: 0 })
    t.test.clock.advance(16 * DAY)
    expect(await scrubShare(context(), signal)).toMatchObject({ lookedAt: 2, damaged: 1, missing: 0 })
    expect(errors).toEqual(['a file is damaged in the store'])
    expect([(await get(good)).status, (await get(bad)).status]).toEqual([200, 409])
    expect((await t.send('GET', `/items/${bad}`, { token: w.owner.token })).body.integrity).toBe('failed')
    expect((await auditOf(t.test, w.id, 'file.integrity_failed')).map(event => [event.subject.id, event.details.problem])).toEqual([
      [bad, 'the stored object has other bytes than came in'],
    ])
    const health = await t.send('GET', '/admin/storage', { token: operator.token })
    expect(health.body).toEqual({
      files: 1,
      bytes: bytes.length,
      scrubDays: 30,
      oldestCheckAt: expect.any(String),
      withoutSums: 0,
      damaged: {
        count: 1,
        items: [
          {
            workspaceId: w.id,
            fileId: bad,
            version: 1,
            size: bytes.length,
          },
        ],
      },
      orphans: {
        waiting: { count: 0, bytes: 0 },
        kept: { count: 0, bytes: 0 },
      },
    })
    expect(await scrubShare(context(), signal)).toMatchObject({ lookedAt: 0 })
  })

  it('are all read when an operator asks', async () => {
    const operator = await setUpInstance(t.test)
    await upload(randomBytes(10))
    expect((await t.send('POST', '/admin/storage/check', { token: operator.token })).status).toBe(204)
    const [job] = await queuedPayloads<{ asked: string }>(t.test, 'storage.check')
    t.test.clock.advance(1000)
    expect(await scrubAll(context(), t.test.clock.now(), { signal })).toMatchObject({ lookedAt: 1, damaged: 0 })
    expect(await scrubAll(context(), new Date(job!.asked), { signal })).toMatchObject({ lookedAt: 0 })
  })

  it('are not given up when the store lacks many of them at once', async () => {
    for (let n = 0; n < 12; n++) await upload(randomBytes(10), `${n}`)
    const keys = (await t.test.deps.db.select({ key: objects.key }).from(objects)).map(row => row.key)
    for (const key of keys.slice(2)) await t.test.deps.storage.deleteObject(key)
    t.test.clock.advance(16 * DAY)
    expect(await scrubShare(context(), signal)).toMatchObject({ lookedAt: 12, missing: 10 })
    expect(errors).toEqual(['the store lacks too much of what the database knows, so nothing was marked: is it the right store?'])
    expect(await t.test.deps.db.$count(fileVersions, eq(fileVersions.integrity, 'failed'))).toBe(0)
  })
})
