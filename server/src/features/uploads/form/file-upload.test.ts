import type { UploadsTest } from '../uploads.fixture.ts'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { addMember } from '../../../../test/factories.ts'
import { isSoak } from '../../../../test/soak.ts'
import { StorageError } from '../../../storage/storage.ts'
import { createUploadsTest, formOf, MiB, sendCut, sha256 } from '../uploads.fixture.ts'

const MAX = 4 * MiB

describe('a file in one request', () => {
  let t: UploadsTest
  beforeAll(async () => {
    t = await createUploadsTest({
      MAX_FILE_BYTES: String(MAX),
      BODY_IDLE_SECONDS: '1',
    })
  })
  afterEach(async () => {
    for (const name of Object.keys(t.faults)) delete t.faults[name as keyof typeof t.faults]
    await expect.poll(() => t.violations()).toEqual([])
  })
  afterAll(() => t.close())

  it.each([0, 1, 65_536, 1_000_003, MAX])('of %i bytes comes back byte for byte', async (size) => {
    const w = await t.workspace()
    const bytes = randomBytes(size)
    const answer = await t.uploadFile(w, bytes)
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({
      kind: 'file',
      name: 'a.bin',
      size,
      sha256: sha256(bytes),
      integrity: 'verified',
      version: 1,
      parentId: w.rootId,
    })
    expect((await t.readFile(w, answer.body.id)).equals(bytes)).toBe(true)
  })

  it('is refused with one byte too many, whether its length is known or not', async () => {
    const w = await t.workspace()
    const { body, headers } = formOf(randomBytes(MAX + 1))
    const path = `/workspaces/${w.id}/files?parentId=${w.rootId}&name=big`
    const known = await t.send('POST', path, { token: w.owner.token, body, headers })
    expect([known.status, known.body.code]).toEqual([413, 'file.too_large'])
    const unknown = await fetch(`http://127.0.0.1:${t.port}/api/v1${path}`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${w.owner.token}` },
      body: new Blob([
        new Uint8Array(body),
      ]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect([unknown.status, (await unknown.json() as { code: string }).code]).toEqual([413, 'file.too_large'])
  })

  it('of unknown length takes room as it comes', async () => {
    const w = await t.workspace(2 * MiB)
    const post = (size: number, name: string) => {
      const { body, headers } = formOf(randomBytes(size))
      return fetch(`http://127.0.0.1:${t.port}/api/v1/workspaces/${w.id}/files?parentId=${w.rootId}&name=${name}`, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${w.owner.token}` },
        body: new Blob([
          new Uint8Array(body),
        ]).stream(),
        duplex: 'half',
      } as RequestInit)
    }
    expect((await post(2 * MiB + 1, 'over')).status).toBe(507)
    expect((await post(2 * MiB, 'exact')).status).toBe(201)
  })

  it('fits the quota to the byte', async () => {
    const w = await t.workspace(100_000)
    const over = await t.uploadFile(w, randomBytes(100_001))
    expect([over.status, over.body.code]).toEqual([507, 'quota.exceeded'])
    expect((await t.uploadFile(w, randomBytes(100_000))).status).toBe(201)
    const full = await t.uploadFile(w, randomBytes(1), { name: 'b' })
    expect([full.status, full.body.code]).toEqual([507, 'quota.exceeded'])
    const huge = await t.uploadFile(w, randomBytes(MiB), { name: 'c' })
    expect([huge.status, huge.body.code]).toEqual([507, 'quota.exceeded'])
  })

  it('never exceeds the quota with twenty at once', async () => {
    const w = await t.workspace(7 * 50_000)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => t.uploadFile(w, randomBytes(50_000), { name: `f${i}` })))
    const made = answers.filter(answer => answer.status === 201).length
    expect(made).toBeGreaterThan(0)
    expect(made).toBeLessThanOrEqual(7)
    expect(new Set(answers.map(answer => answer.body.code).filter(Boolean))).toEqual(new Set(['quota.exceeded']))
  })

  it.each([0, 50, 99])('cut at %i percent leaves nothing', async (percent) => {
    const w = await t.workspace()
    const { body, headers } = formOf(randomBytes(MiB))
    const path = `/workspaces/${w.id}/files?parentId=${w.rootId}&name=cut`
    const sent = body.subarray(0, Math.floor(body.length * percent / 100))
    await sendCut(t.port, 'POST', path, {
      token: w.owner.token,
      headers,
      length: body.length,
      sent,
      then: 'cut',
    })
    await expect.poll(() => t.violations()).toEqual([])
    expect((await t.uploadFile(w, randomBytes(3), { name: 'cut' })).status).toBe(201)
  })

  it.each(isSoak
    ? [0, 50, 99]
    : [50])('that stands still at %i percent is ended', async (percent) => {
    const w = await t.workspace()
    const { body, headers } = formOf(randomBytes(MiB))
    const sent = body.subarray(0, 200 + Math.floor((body.length - 200) * percent / 100))
    const answer = await sendCut(t.port, 'POST', `/workspaces/${w.id}/files?parentId=${w.rootId}&name=still`, {
      token: w.owner.token,
      headers,
      length: body.length,
      sent,
      then: 'silence',
    })
    expect([answer?.status, answer?.body.code]).toEqual([408, 'upload.stalled'])
    expect(answer?.headers.connection).toBe('close')
  })

  it.each([
    [
      'before its file',
      (body: Buffer) => body.subarray(0, 20),
    ],
    [
      'with no byte',
      () => Buffer.alloc(0),
    ],
    [
      'after its file',
      (body: Buffer) => body.subarray(0, -4),
    ],
  ])('whose form stands still %s is ended', async (_where, part) => {
    const w = await t.workspace()
    const { body, headers } = formOf(randomBytes(1000))
    const answer = await sendCut(t.port, 'POST', `/workspaces/${w.id}/files?parentId=${w.rootId}&name=still`, {
      token: w.owner.token,
      headers,
      length: body.length,
      sent: part(body),
      then: 'silence',
    })
    expect([answer?.status, answer?.body.code]).toEqual([408, 'upload.stalled'])
  })

  it.each([
    [
      'no closing boundary',
      (body: Buffer) => body.subarray(0, -4),
    ],
    [
      'a part that does not end',
      (body: Buffer) => body.subarray(0, 300),
    ],
    [
      'nothing at all',
      () => Buffer.alloc(0),
    ],
    [
      'bytes that are no form',
      () => randomBytes(500),
    ],
  ])('with %s is refused', async (_what, change) => {
    const w = await t.workspace()
    const { body, headers } = formOf(randomBytes(1000))
    const answer = await t.send('POST', `/workspaces/${w.id}/files?parentId=${w.rootId}&name=x`, {
      token: w.owner.token,
      headers,
      body: change(body),
    })
    expect(answer.status).toBe(400)
    expect(answer.body.code).toMatch(/^(?:request\.invalid|upload\.interrupted)$/)
  })

  it('comes alone: a second file or a field is refused, and the first is not kept', async () => {
    const w = await t.workspace()
    const part = (name: string) => `--b\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\nbytes\r\n`
    const field = '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\nvalue\r\n'
    for (const text of [
      part('1') + part('2'),
      part('1') + field,
      field + part('1'),
      field,
    ]) {
      const answer = await t.send('POST', `/workspaces/${w.id}/files?parentId=${w.rootId}&name=two`, {
        token: w.owner.token,
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
        body: Buffer.from(`${text}--b--\r\n`),
      })
      expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid'])
    }
    const json = await t.send('POST', `/workspaces/${w.id}/files?parentId=${w.rootId}&name=two`, { token: w.owner.token, body: {} })
    expect(json.status).toBeGreaterThanOrEqual(400)
    expect(json.status).toBeLessThan(500)
    expect((await t.uploadFile(w, randomBytes(3), { name: 'two' })).status).toBe(201)
  })

  it('meets its name as asked', async () => {
    const w = await t.workspace()
    const first = await t.uploadFile(w, Buffer.from('1'), { name: 'Report.pdf' })
    const taken = await t.uploadFile(w, Buffer.from('2'), { name: 'REPORT.pdf' })
    expect([taken.status, taken.body.code]).toEqual([409, 'item.name_taken'])
    expect(taken.body.existing).toMatchObject({
      id: first.body.id,
      name: 'Report.pdf',
      size: 1,
      createdBy: { id: w.owner.id },
      permissions: expect.arrayContaining(['change']),
    })
    const renamed = await t.uploadFile(w, Buffer.from('3'), { name: 'Report.pdf', onConflict: 'rename' })
    expect(renamed.body.name).toBe('Report (2).pdf')
    const replaced = await t.uploadFile(w, Buffer.from('four'), { name: 'Report.pdf', onConflict: 'replace' })
    expect(replaced.body).toMatchObject({ id: first.body.id, version: 2, size: 4 })
  })

  it('answers each of many that replace one file at once with its own version', async () => {
    const w = await t.workspace()
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => t.uploadFile(w, Buffer.alloc(n + 1), { name: 'r', onConflict: 'replace' })))
    expect(answers.map(({ body }) => body.size)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1))
    expect(answers.map(({ body }) => body.version).sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1))
  })

  it('takes many at once, and refuses only the one that cannot be', async () => {
    const w = await t.workspace()
    const names = [
      ...Array.from({ length: 12 }, (_, n) => `file ${n}`),
      'FILE 7',
    ]
    const answers = await Promise.all(names.map(name => t.uploadFile(w, Buffer.from(name), { name })))
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array.from({ length: 12 }).fill(201),
      409,
    ])
    for (const [index, { status, body }] of answers.entries()) {
      if (status === 201) {
        expect(body).toMatchObject({
          name: names[index],
          version: 1,
          sha256: sha256(Buffer.from(names[index]!)),
        })
      }
    }
  })

  it('replaces the file of another only for whoever may change it', async () => {
    const w = await t.workspace()
    const contributor = await addMember(t.test, w, 'staff', { spaceRole: 'contributor' })
    const editor = await addMember(t.test, w, 'staff', { spaceRole: 'editor' })
    await t.uploadFile(w, Buffer.from('1'), { name: 'r' })
    const refused = await t.uploadFile(w, Buffer.from('2'), { name: 'r', onConflict: 'replace', user: contributor })
    expect([refused.status, refused.body.code]).toEqual([403, 'access.denied'])
    expect((await t.uploadFile(w, Buffer.from('2'), { name: 'r', onConflict: 'replace', user: editor })).status).toBe(201)
  })

  it('tells who may not even see the other file no more than that its name is in use, also at the end', async () => {
    const w = await t.workspace()
    const uploader = await addMember(t.test, w, 'staff', { spaceRole: 'uploader' })
    await t.uploadFile(w, Buffer.from('1'), { name: 'hidden' })
    const refused = await t.uploadFile(w, Buffer.from('2'), { name: 'hidden', user: uploader })
    expect([refused.body.code, refused.body.existing]).toEqual(['item.name_taken', undefined])
    const upload = await t.createUpload(w, 0, { user: uploader })
    expect(await t.complete(upload, { name: 'hidden', onConflict: 'replace' })).toMatchObject({
      status: 409,
      body: { code: 'item.name_taken' },
    })
    expect((await t.complete(upload)).status).toBe(201)
  })

  it('goes only where the person may upload', async () => {
    const [w, other] = [await t.workspace(), await t.workspace()]
    const viewer = await addMember(t.test, w, 'staff', { spaceRole: 'viewer' })
    expect((await t.uploadFile(w, Buffer.from('1'), { user: viewer })).status).toBe(403)
    expect((await t.uploadFile(w, Buffer.from('1'), { user: other.owner })).status).toBe(404)
    const foreign = await t.uploadFile({ ...w, rootId: other.rootId }, Buffer.from('1'))
    expect([foreign.status, foreign.body.code]).toEqual([404, 'not_found'])
  })

  it.each(['unavailable', 'full'] as const)('leaves nothing when the store is %s', async (kind) => {
    const w = await t.workspace()
    t.faults.putObject = async (_key, body) => {
      body.once('data', () => body.destroy())
      throw new StorageError(kind, 'broken')
    }
    const answer = await t.uploadFile(w, randomBytes(MiB))
    expect(answer.status).toBe(kind === 'full'
      ? 507
      : 503)
    expect(answer.body.detail ?? '').not.toContain('broken')
  })

  it('leaves the connection fit for the next request when it is refused in the middle', async () => {
    const w = await t.workspace()
    t.faults.putObject = async (_key, body) => {
      await once(body, 'data')
      body.destroy()
      throw new StorageError('full', 'broken')
    }
    const { body, headers } = formOf(randomBytes(4 * MiB))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const send = (method: string, path: string, payload?: Buffer) => new Promise<{ status: number, localPort: number | undefined }>((resolve, reject) => {
      const call = request({
        port: t.port,
        host: '127.0.0.1',
        method,
        path: `/api/v1${path}`,
        agent,
        headers: {
          authorization: `Bearer ${w.owner.token}`,
          ...payload && { ...headers, 'content-length': payload.length },
        },
      }, (answer) => {
        const { localPort } = answer.socket
        answer.resume().once('end', () => resolve({ status: answer.statusCode!, localPort }))
      })
      call.once('error', reject)
      call.end(payload)
    })
    const refused = await send('POST', `/workspaces/${w.id}/files?parentId=${w.rootId}&name=cut`, body)
    expect(refused.status).toBe(507)
    expect(await send('GET', '/me')).toEqual({ status: 200, localPort: refused.localPort })
    agent.destroy()
  })

  it('leaves nothing when the store fails after its last byte, and cannot delete either', async () => {
    const w = await t.workspace()
    const { storage } = t.test.deps
    t.faults.putObject = async (...args) => {
      await storage.putObject(...args)
      throw new StorageError('unavailable', 'broken')
    }
    t.faults.deleteObject = async () => { throw new StorageError('unavailable', 'broken') }
    expect((await t.uploadFile(w, randomBytes(MiB))).status).toBe(503)
    expect(await t.violations()).not.toEqual([]) // its bytes wait for the job
    delete t.faults.deleteObject
    await t.runDeletions()
  })
})
