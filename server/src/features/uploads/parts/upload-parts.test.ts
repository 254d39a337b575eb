import type { UploadsTest } from '../uploads.fixture.ts'
import { randomBytes } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../../test/audit-log.ts'
import { addMember, createUser } from '../../../../test/factories.ts'
import { isSoak } from '../../../../test/soak.ts'
import { systemCaller } from '../../../http/caller.ts'
import { auditEvents } from '../../audit/audit.table.ts'
import { members } from '../../members/members.table.ts'
import { contentDigest, createUploadsTest, cut, MiB, sendCut, sha256 } from '../uploads.fixture.ts'
import { uploadParts, uploads } from '../uploads.table.ts'

describe('an upload in parts', () => {
  let t: UploadsTest
  beforeAll(async () => { t = await createUploadsTest({ BODY_IDLE_SECONDS: '1' }) })
  afterEach(async () => {
    for (const name of Object.keys(t.faults)) delete t.faults[name as keyof typeof t.faults]
    for (const { id } of await t.test.deps.db.select({ id: uploads.id }).from(uploads).where(eq(uploads.state, 'open'))) await t.sessions.giveUp(systemCaller, { id }, 'aborted')
    await expect.poll(() => t.violations()).toEqual([])
  })
  afterAll(() => t.close())

  const code = ({ status, body }: { status: number, body: any }) => [status, body.code]
  it.each<[string, number[] | undefined]>([
    // The core contract sends them in order.
    ...isSoak
      ? [
          [
            'in order',
            [0, 1, 2],
          ] as [string, number[]],
        ]
      : [],
    [
      'backwards',
      [2, 1, 0],
    ],
    ['at once', undefined],
  ])('takes its parts %s', async (_how, order) => {
    const w = await t.workspace()
    const bytes = randomBytes(2 * 16 * MiB + 5)
    const upload = await t.createUpload(w, bytes.length)
    expect(upload).toMatchObject({ partSize: 16 * MiB, partCount: 3 })
    const parts = cut(bytes, upload)
    const put = (i: number) => t.putPart(upload, i + 1, parts[i]!, {
      'content-digest': contentDigest(parts[i]!),
    })
    if (order) {
      for (const i of order) expect((await put(i)).status).toBe(200)
    }
    else {
      const answers = await Promise.all([0, 1, 2].map(put))
      expect(answers.map(answer => answer.status)).toEqual([200, 200, 200])
    }
    const state = await t.send('GET', `/uploads/${upload.id}`, { token: upload.uploadToken })
    expect(state.body).toMatchObject({
      size: bytes.length,
      state: 'open',
      parts: [
        { n: 1, size: 16 * MiB },
        { n: 2, size: 16 * MiB },
        { n: 3, size: 5 },
      ],
    })
    const open = await t.send('GET', `/workspaces/${w.id}/uploads`, { token: w.owner.token })
    expect(open.body.items).toMatchObject([
      { id: upload.id, receivedBytes: bytes.length },
    ])

    const done = await t.complete(upload, {
      sha256: sha256(bytes).toUpperCase(),
    })
    expect(done.status).toBe(201)
    expect(done.body).toMatchObject({
      kind: 'file',
      size: bytes.length,
      sha256: null,
      integrity: 'pending',
    })
    expect((await t.readFile(w, done.body.id)).equals(bytes)).toBe(true)

    await t.verify(upload)
    await t.verify(upload)
    const again = await t.complete(upload)
    expect(again.body).toMatchObject({
      id: done.body.id,
      sha256: sha256(bytes),
      integrity: 'verified',
    })
    expect(await t.test.deps.db.select().from(uploadParts).where(eq(uploadParts.uploadId, upload.id))).toEqual([])
  })

  it.each([0, 1, 16 * MiB])('of %i bytes is verified at once', async (size) => {
    const w = await t.workspace()
    const bytes = randomBytes(size)
    const upload = await t.createUpload(w, size)
    for (const [i, part] of cut(bytes, upload).entries()) await t.putPart(upload, i + 1, part)
    const wrong = await t.complete(upload, {
      sha256: sha256(Buffer.from('other')),
    })
    expect(code(wrong)).toEqual([422, 'upload.digest_mismatch'])
    const done = await t.complete(upload, {
      sha256: sha256(bytes),
    })
    expect(done.body).toMatchObject({
      size,
      sha256: sha256(bytes),
      integrity: 'verified',
    })
    expect((await t.readFile(w, done.body.id)).equals(bytes)).toBe(true)
  })

  it('keeps the bytes sent last for a part', async () => {
    const w = await t.workspace()
    const [old, fresh] = [
      randomBytes(100_000),
      randomBytes(100_000),
    ]
    const upload = await t.createUpload(w, 100_000)
    const first = await t.putPart(upload, 1, old)
    const second = await t.putPart(upload, 1, fresh)
    expect(first.headers.etag).toMatch(/^"[^"]+"$/)
    expect(second.headers.etag).toBe(second.body.etag)
    const done = await t.complete(upload)
    expect(done.body.sha256).toBe(sha256(fresh))
    expect((await t.readFile(w, done.body.id)).equals(fresh)).toBe(true)
  })

  it('stands the same part sent many times at once', async () => {
    const w = await t.workspace()
    const bytes = randomBytes(MiB)
    const upload = await t.createUpload(w, MiB)
    const answers = await Promise.all(Array.from({ length: 8 }, () => t.putPart(upload, 1, bytes)))
    expect(answers.map(answer => answer.status)).toContain(200)
    for (const answer of answers.filter(answer => answer.status !== 200)) expect(code(answer)).toEqual([409, 'upload.part_superseded'])
    const done = await t.complete(upload)
    expect([done.status, done.body.sha256]).toEqual([
      201,
      sha256(bytes),
    ])
  })

  it('counts the last of two that send a part, also when the first is told later that it is stored', async () => {
    const { storage } = t.test.deps
    const w = await t.workspace()
    const [old, fresh] = [
      randomBytes(1000),
      randomBytes(1000),
    ]
    const upload = await t.createUpload(w, 1000)
    const [stored, held] = [
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
    ]
    t.faults.putPart = async (...args) => {
      const answer = await storage.putPart(...args)
      stored.resolve()
      await held.promise
      return answer
    }
    const first = t.putPart(upload, 1, old)
    await stored.promise
    delete t.faults.putPart
    expect((await t.putPart(upload, 1, fresh)).status).toBe(200)
    held.resolve()
    expect(code(await first)).toEqual([409, 'upload.part_superseded'])
    const done = await t.complete(upload)
    expect([done.status, done.body.sha256]).toEqual([
      201,
      sha256(fresh),
    ])
  })

  it('refuses parts that lie', async () => {
    const w = await t.workspace()
    const upload = await t.createUpload(w, 16 * MiB + 10)
    const path = (n: number | string) => `/uploads/${upload.id}/parts/${n}`
    const ten = randomBytes(10)
    for (const n of [0, 10_001, -1, 'x', 1.5]) expect(code(await t.send('PUT', path(n), { token: upload.uploadToken, body: ten }))).toEqual([400, 'request.invalid'])
    expect(code(await t.putPart(upload, 3, ten))).toEqual([400, 'upload.part_number'])
    expect(code(await t.putPart(upload, 2, randomBytes(9)))).toEqual([400, 'upload.part_size'])
    expect(code(await t.putPart(upload, 2, randomBytes(11)))).toEqual([400, 'upload.part_size'])
    expect(code(await t.putPart(upload, 1, randomBytes(0)))).toEqual([400, 'upload.part_size'])
    expect(code(await t.putPart(upload, 2, ten, {
      'content-digest': contentDigest(randomBytes(10)),
    }))).toEqual([400, 'upload.digest_mismatch'])
    expect(code(await t.putPart(upload, 2, ten, { 'content-digest': 'sha-256=nonsense' }))).toEqual([400, 'request.invalid'])
    const chunked = await fetch(`http://127.0.0.1:${t.port}/api/v1${path(2)}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${upload.uploadToken}` },
      body: new Blob([
        new Uint8Array(ten),
      ]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect([chunked.status, (await chunked.json() as { code: string }).code]).toEqual([411, 'upload.length_required'])

    const incomplete = await t.complete(upload)
    expect(incomplete.body).toMatchObject({
      code: 'upload.incomplete',
      missing: [1, 2],
    })
    expect((await t.putPart(upload, 2, ten, { 'content-digest': `md5=:AAAA:, ${contentDigest(ten)}` })).status).toBe(200)
    // A good part is lost to a bad one sent again: its bytes are no longer there.
    expect(code(await t.putPart(upload, 2, ten, {
      'content-digest': contentDigest(randomBytes(10)),
    }))).toEqual([400, 'upload.digest_mismatch'])
    expect((await t.complete(upload)).body.missing).toEqual([1, 2])
  })

  it.each([0, 50, 99])('does not keep a part cut at %i percent', async (percent) => {
    const w = await t.workspace()
    const bytes = randomBytes(MiB)
    const upload = await t.createUpload(w, MiB)
    await sendCut(t.port, 'PUT', `/uploads/${upload.id}/parts/1`, {
      token: upload.uploadToken,
      length: MiB,
      sent: bytes.subarray(0, MiB * percent / 100),
      then: 'cut',
    })
    expect((await t.complete(upload)).body).toMatchObject({
      code: 'upload.incomplete',
      missing: [1],
    })
    expect((await t.putPart(upload, 1, bytes)).status).toBe(200)
    expect((await t.complete(upload)).body.sha256).toBe(sha256(bytes))
  })

  it.each(isSoak
    ? [0, 50, 99]
    : [50])('ends a part that stands still at %i percent', async (percent) => {
    const w = await t.workspace()
    const upload = await t.createUpload(w, MiB)
    const answer = await sendCut(t.port, 'PUT', `/uploads/${upload.id}/parts/1`, {
      token: upload.uploadToken,
      length: MiB,
      sent: Buffer.alloc(MiB * percent / 100),
      then: 'silence',
    })
    expect(code(answer!)).toEqual([408, 'upload.stalled'])
  })

  it('opens to its own token alone, and says nothing of others', async () => {
    const w = await t.workspace()
    const [one, two] = [await t.createUpload(w, 10, { name: 'one' }), await t.createUpload(w, 10, { name: 'two' })]
    const unknown = '01900000-0000-7000-8000-000000000000'
    const calls: ((id: string, token: string) => Promise<{ status: number, body: any }>)[] = [
      (id, token) => t.send('GET', `/uploads/${id}`, { token }),
      (id, token) => t.send('PUT', `/uploads/${id}/parts/1`, {
        token,
        body: randomBytes(10),
      }),
      (id, token) => t.send('POST', `/uploads/${id}/complete`, { token, body: {} }),
      (id, token) => t.send('DELETE', `/uploads/${id}`, { token }),
    ]
    for (const call of calls) {
      const answers = [
        await call(one.id, two.uploadToken),
        await call(unknown, two.uploadToken),
        await call(one.id, w.owner.token),
        await call(unknown, w.owner.token),
        await call(one.id, 'a'.repeat(43)),
      ]
      for (const { status, body } of answers) expect([status, body.code, body.detail]).toEqual([401, 'upload.wrong_token', answers[0]!.body.detail])
      expect((await t.send('GET', `/uploads/${one.id}`)).status).toBe(401)
    }
    const stranger = await createUser(t.test)
    const staff = await addMember(t.test, w, 'admin')
    expect((await t.send('DELETE', `/workspaces/${w.id}/uploads/${one.id}`, { token: stranger.token })).status).toBe(404)
    expect((await t.send('DELETE', `/workspaces/${w.id}/uploads/${one.id}`, { token: staff.token })).status).toBe(404)
    expect((await t.send('GET', `/uploads/${one.id}`, { token: one.uploadToken })).status).toBe(200)
  })

  it('ends with the right of its creator', async () => {
    const w = await t.workspace()
    const staff = await addMember(t.test, w, 'staff', { spaceRole: 'contributor' })
    const upload = await t.createUpload(w, 10, { user: staff })
    expect((await t.putPart(upload, 1, randomBytes(10))).status).toBe(200)
    await t.test.deps.db.delete(members).where(and(eq(members.workspaceId, w.id), eq(members.userId, staff.id)))
    expect(code(await t.putPart(upload, 1, randomBytes(10)))).toEqual([404, 'not_found'])
    expect(code(await t.complete(upload))).toEqual([404, 'not_found'])
    expect((await t.send('GET', `/uploads/${upload.id}`, { token: upload.uploadToken })).status).toBe(404)
    expect((await t.send('DELETE', `/uploads/${upload.id}`, { token: upload.uploadToken })).status).toBe(204)
  })

  it('becomes one file, with one event, however often it is completed at once', async () => {
    const w = await t.workspace()
    const bytes = randomBytes(16 * MiB + 1)
    const upload = await t.createUpload(w, bytes.length)
    for (const [i, part] of cut(bytes, upload).entries()) await t.putPart(upload, i + 1, part)
    const answers = await Promise.all(Array.from({ length: 6 }, () => t.complete(upload)))
    expect(answers.map(answer => answer.status)).toEqual(Array.from({ length: 6 }).fill(201))
    expect(new Set(answers.map(answer => answer.body.id)).size).toBe(1)
    const events = await toldEvents(t.test, eq(auditEvents.chainId, w.id))
    expect(events.map(event => event.action)).toEqual(['file.uploaded'])
    expect(events[0]).toMatchObject({
      actor: { kind: 'user', id: w.owner.id, name: w.owner.name },
      subject: { id: answers[0]!.body.id, name: 'film.mp4' },
    })
    expect(code(await t.send('DELETE', `/uploads/${upload.id}`, { token: upload.uploadToken }))).toEqual([409, 'upload.closed'])
    expect(code(await t.putPart(upload, 1, cut(bytes, upload)[0]!))).toEqual([409, 'upload.closed'])
  })

  it('is wholly there or wholly gone when it is completed and aborted at once', async () => {
    const rounds = isSoak
      ? 8
      : 3
    for (let round = 0; round < rounds; round++) {
      const w = await t.workspace()
      const bytes = randomBytes(16 * MiB + 1)
      const upload = await t.createUpload(w, bytes.length)
      for (const [i, part] of cut(bytes, upload).entries()) await t.putPart(upload, i + 1, part)
      const [done, gone] = await Promise.all([
        t.complete(upload),
        new Promise(resolve => setTimeout(resolve, round * 5)).then(() => t.send('DELETE', `/uploads/${upload.id}`, { token: upload.uploadToken })),
      ])
      expect([
        [201, 409],
        [409, 204],
        [503, 204],
      ]).toContainEqual([done.status, gone.status])
      if (done.status === 201) expect((await t.readFile(w, done.body.id)).equals(bytes)).toBe(true)
    }
    await t.collectOrphans()
  })

  it('leaves nothing when it is aborted, and takes nothing more', async () => {
    const w = await t.workspace()
    const upload = await t.createUpload(w, 10)
    await t.putPart(upload, 1, randomBytes(10))
    for (const status of [204, 204]) expect((await t.send('DELETE', `/uploads/${upload.id}`, { token: upload.uploadToken })).status).toBe(status)
    expect(await t.violations()).toEqual([])
    expect(code(await t.putPart(upload, 1, randomBytes(10)))).toEqual([409, 'upload.closed'])
    expect(code(await t.complete(upload))).toEqual([409, 'upload.closed'])
    const own = await t.createUpload(w, 10)
    for (const status of [204, 204]) expect((await t.send('DELETE', `/workspaces/${w.id}/uploads/${own.id}`, { token: w.owner.token })).status).toBe(status)
    const events = await toldEvents(t.test, eq(auditEvents.chainId, w.id))
    expect(events.map(event => event.action)).toEqual(['upload.aborted', 'upload.aborted'])
  })

  it('tells a taken name early, decides it at the end, and can be completed with another', async () => {
    const w = await t.workspace()
    const upload = await t.createUpload(w, 10, { name: 'Plan.pdf' })
    const bytes = randomBytes(10)
    await t.putPart(upload, 1, bytes)
    await t.uploadFile(w, Buffer.from('first'), { name: 'plan.PDF' })
    await expect(t.createUpload(w, 10, { name: 'Plan.pdf' })).rejects.toMatchObject({
      answer: {
        body: {
          code: 'item.name_taken',
          existing: { name: 'plan.PDF', size: 5 },
        },
      },
    })
    // The upload's token finishes the upload and reads nothing.
    const late = await t.complete(upload)
    expect([
      ...code(late),
      late.body.existing,
    ]).toEqual([409, 'item.name_taken', undefined])
    expect(code(await t.putPart(upload, 1, bytes))).toEqual([409, 'upload.closed'])
    expect(code(await t.complete(upload, { name: 'a/b' }))).toEqual([400, 'item.name_invalid'])
    const done = await t.complete(upload, { onConflict: 'rename' })
    expect(done.body).toMatchObject({
      name: 'Plan (2).pdf',
      sha256: sha256(bytes),
    })
    expect((await t.complete(upload)).body.id).toBe(done.body.id)
  })

  it('reserves its room from the beginning, to the byte, also with twenty at once', async () => {
    const w = await t.workspace(1000)
    await expect(t.createUpload(w, 1001)).rejects.toThrow('507 quota.exceeded')
    const answers = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => t.createUpload(w, 100, { name: `f${i}` })))
    expect(answers.filter(answer => answer.status === 'fulfilled').length).toBe(10)
    expect(await t.violations(false)).toEqual([])
    await expect(t.createUpload(w, 1, { name: 'more' })).rejects.toThrow('507 quota.exceeded')
  })

  it('refuses a file above the limit and a folder that is not there', async () => {
    const [w, other] = [await t.workspace(), await t.workspace()]
    await expect(t.createUpload(w, 50_000_000_001)).rejects.toThrow('413 file.too_large')
    await expect(t.createUpload(w, 1, { parentId: other.rootId })).rejects.toThrow('404 not_found')
    await expect(t.createUpload(w, 1, { name: '../x' })).rejects.toThrow('400 item.name_invalid')
    await expect(t.createUpload(w, -1)).rejects.toThrow('400 request.invalid')
    await expect(t.createUpload(w, 50_000_000_000)).resolves.toMatchObject({ partSize: 48 * MiB, partCount: 994 })
  })
})
