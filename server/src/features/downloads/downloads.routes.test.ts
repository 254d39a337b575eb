import type { TestFile, TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { auditOf } from '../../../test/audit-log.ts'
import { addMember, createFile, createFolder, createUser, createWorkspace } from '../../../test/factories.ts'
import { watchMemory } from '../../../test/memory-watch.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { readZip } from '../../../test/read-zip.ts'
import { soakIt } from '../../../test/soak.ts'
import { fetchRaw, listen, openFilesBelow } from '../../../test/sockets.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { items } from '../items/items.table.ts'
import { members } from '../members/members.table.ts'
import { grants } from '../spaces/spaces.table.ts'
import { downloadTickets, notedDownloads } from './downloads.table.ts'
import { sendContent } from './send-content.http.ts'

let test: TestApp
let port: number
let workspace: TestWorkspace
let owner: TestUser
let file: TestFile
const content = randomBytes(300_000)

beforeAll(async () => {
  test = await createTestApp()
  port = await listen(test)
  workspace = await createWorkspace(test)
  owner = workspace.owner
  file = await createFile(test, workspace, { name: 'Bericht “Q3” ä.pdf', content, mediaType: 'application/pdf' })
})
afterAll(() => test.close())

const storageDir = () => join(test.config.dataDir, 'storage')
const flipBit = (key: string, at: number) => {
  const bytes = readFileSync(pathOnDisk(key))
  bytes[at]! ^= 1
  writeFileSync(pathOnDisk(key), bytes)
}
const pathOnDisk = (key: string) => {
  const name = readdirSync(storageDir(), { recursive: true, encoding: 'utf8' }).find(entry => entry.includes(key.split('/').at(-1)!))
  return join(storageDir(), name!)
}
const get = (id: string, headers: Record<string, string> = {}, options: { user?: TestUser, method?: string, query?: string } = {}) =>
  fetchRaw(port, `/api/v1/files/${id}/content${options.query ?? ''}`, {
    method: options.method,
    headers: { authorization: `Bearer ${(options.user ?? owner).token}`, ...headers },
  })
const problemOf = (answer: { body: Buffer }) => JSON.parse(answer.body.toString()) as { code: string, detail: string, status: number }
const pathOf = (url: string) => new URL(url).pathname

describe('a file', () => {
  it('comes whole, with headers that tell what it is and keep it from being run', async () => {
    const answer = await get(file.id)
    expect(answer.status).toBe(200)
    expect(answer.body.equals(content)).toBe(true)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': '300000',
      'accept-ranges': 'bytes',
      'etag': `"${file.versionId}"`,
      'repr-digest': `sha-256=:${createHash('sha256').update(content).digest('base64')}:`,
      'content-disposition': 'attachment; filename="Bericht _Q3_ a.pdf"; filename*=UTF-8\'\'Bericht%20%E2%80%9CQ3%E2%80%9D%20%C3%A4.pdf',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store, no-transform',
      'content-security-policy': 'sandbox; default-src \'none\'',
      'x-accel-buffering': 'no',
    })
    expect(Date.parse(answer.headers['last-modified']!)).toBeLessThanOrEqual(Date.now())
  })

  it.each([
    ['bytes=0-99', 0, 99],
    ['bytes=100-299999', 100, 299_999],
    ['bytes=299999-', 299_999, 299_999],
    ['bytes=-1000', 299_000, 299_999],
    ['bytes=5-5', 5, 5],
    ['bytes=0-', 0, 299_999],
  ])('answers %s with these very bytes', async (range, start, end) => {
    const answer = await get(file.id, { range })
    expect(answer.status).toBe(206)
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${end}/300000`)
    expect(answer.headers['content-length']).toBe(String(end - start + 1))
    expect(answer.body.equals(content.subarray(start, end + 1))).toBe(true)
  })

  it('answers several ranges at once with the whole', async () => {
    const answer = await get(file.id, { range: 'bytes=0-1,5-6' })
    expect([answer.status, answer.body.length]).toEqual([200, 300_000])
  })

  it('refuses a range that it does not have, and says how long it is', async () => {
    const answer = await get(file.id, { range: 'bytes=300000-' })
    expect([answer.status, problemOf(answer).code]).toEqual([416, 'range.not_satisfiable'])
    expect(answer.headers['content-range']).toBe('bytes */300000')
    expect(answer.headers['content-type']).toBe('application/problem+json')
  })

  it('honours conditions', async () => {
    const etag = `"${file.versionId}"`
    const unchanged = await get(file.id, { 'if-none-match': etag })
    expect([unchanged.status, unchanged.body.length, unchanged.headers.etag]).toEqual([304, 0, etag])
    expect((await get(file.id, { 'if-none-match': '"x"' })).status).toBe(200)
    const failed = await get(file.id, { 'if-match': '"x"' })
    expect([failed.status, problemOf(failed).code]).toEqual([412, 'precondition.failed'])
    expect((await get(file.id, {
      'if-modified-since': new Date(Date.now() + 60_000).toUTCString(),
    })).status).toBe(304)
    expect((await get(file.id, { 'range': 'bytes=0-1', 'if-range': etag })).status).toBe(206)
    expect((await get(file.id, { 'range': 'bytes=0-1', 'if-range': '"x"' })).body.length).toBe(300_000)
  })

  it('tells HEAD the same without reading or noting anything, not even for ranges', async () => {
    const before = (await auditOf(test, workspace.id, 'file.')).length
    const open = vi.spyOn(test.deps.storage, 'getObject')
    onTestFinished(() => open.mockRestore())
    const answer = await get(file.id, { range: 'bytes=0-1' }, { method: 'HEAD' })
    expect([answer.status, answer.body.length, answer.headers['content-length']]).toEqual([200, 0, '300000'])
    expect(answer.headers['repr-digest']).toBeDefined()
    expect((await get(file.id, { 'if-none-match': `"${file.versionId}"` }, { method: 'HEAD' })).status).toBe(304)
    expect(open).not.toHaveBeenCalled()
    expect(await auditOf(test, workspace.id, 'file.')).toHaveLength(before)
  })

  it('may be empty', async () => {
    const empty = await createFile(test, workspace, { name: 'empty', content: '' })
    const whole = await get(empty.id)
    expect([whole.status, whole.headers['content-length'], whole.body.length]).toEqual([200, '0', 0])
    expect((await get(empty.id, { range: 'bytes=0-' })).status).toBe(416)
    expect((await get(empty.id, { range: 'bytes=-5' })).status).toBe(200)
  })

  it('of an unbelievable media type is sent as bytes', async () => {
    const odd = await createFile(test, workspace, { name: 'odd', content: 'x', mediaType: 'text/html\u00E9;x' })
    expect((await get(odd.id)).headers['content-type']).toBe('application/octet-stream')
  })

  it('comes in the version asked for', async () => {
    expect((await get(file.id, {}, { query: '?version=1' })).status).toBe(200)
    expect((await get(file.id, {}, { query: '?version=2' })).status).toBe(404)
    expect((await get(file.id, {}, { query: '?version=0' })).status).toBe(400)
  })

  it('is noted once for a download in pieces, and for a piece that nobody began', async () => {
    const other = await createFile(test, workspace, {
      name: 'pieces',
      content: randomBytes(1000),
    })
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
    const events = async () => (await auditOf(test, workspace.id, 'file.downloaded')).filter(event => event.subjectId === other.id)
    await get(other.id, { range: 'bytes=0-499' })
    await get(other.id, { range: 'bytes=500-' })
    await get(other.id, { range: 'bytes=1-' })
    expect(await events()).toHaveLength(1)
    await get(other.id, { range: 'bytes=1-' }, { user: staff })
    expect((await events()).map(event => event.actorId)).toEqual([owner.id, staff.id])
    expect((await events())[0]).toMatchObject({
      outcome: 'success',
      subject: { kind: 'file', name: 'pieces' },
      details: { version: 1, sizeBytes: 1000 },
    })
    const another = await createFile(test, workspace, {
      name: 'fast',
      content: randomBytes(1000),
    })
    await Promise.all(Array.from({ length: 5 }, (_, n) => get(another.id, { range: `bytes=${100 + n}-` })))
    expect((await auditOf(test, workspace.id, 'file.downloaded')).filter(event => event.subjectId === another.id)).toHaveLength(1)
  })

  it('is another download a day after it was begun, and nothing is kept about it then', async () => {
    onTestFinished(() => test.clock.set(null))
    const other = await createFile(test, workspace, {
      name: 'daily',
      content: randomBytes(1000),
    })
    const events = async () => (await auditOf(test, workspace.id, 'file.downloaded')).filter(event => event.subjectId === other.id)
    const noted = () => test.deps.db.select().from(notedDownloads).where(eq(notedDownloads.versionId, other.versionId))
    await get(other.id)
    test.clock.set(new Date(test.clock.now().getTime() + 86_000_000))
    await purgeDue(test)
    expect(await noted()).toHaveLength(1)
    await get(other.id, { range: 'bytes=500-' })
    expect(await events()).toHaveLength(1)
    test.clock.advance(500_000)
    await purgeDue(test)
    expect(await noted()).toEqual([])
    await get(other.id, { range: 'bytes=500-' })
    expect(await events()).toHaveLength(2)
  })

  it('is not there for strangers, for other tenants, in the trash; and not for the taking by previewers', async () => {
    const stranger = (await createWorkspace(test)).owner
    const previewer = await addMember(test, workspace, 'staff', { spaceRole: 'previewer' })
    const none = await get('01900000-0000-7000-8000-000000000000')
    const foreign = await get(file.id, {}, { user: stranger })
    expect([foreign.status, problemOf(foreign).detail]).toEqual([404, problemOf(none).detail])
    expect((await get(file.id, {}, { user: previewer })).status).toBe(403)
    expect((await get(file.id, {}, { user: previewer, method: 'HEAD' })).status).toBe(403)
    expect((await get('nonsense')).status).toBe(400)
    const folder = await createFolder(test, workspace, { name: 'gone' })
    const inside = await createFile(test, workspace, { name: 'a', content: 'a', parentId: folder.id })
    expect((await get(folder.id)).status).toBe(404)
    await test.deps.db.update(items).set({
      trashedAt: new Date(),
    }).where(eq(items.id, folder.id))
    expect((await get(inside.id)).status).toBe(404)
  })

  it('that is not what was uploaded is kept back', async () => {
    const bad = await createFile(test, workspace, { name: 'bad', content: 'x', integrity: 'failed' })
    const answer = await get(bad.id)
    expect([answer.status, problemOf(answer).code]).toEqual([409, 'file.corrupt'])
    expect(answer.headers['content-disposition']).toBeUndefined()
    expect((await test.call('POST', `/files/${bad.id}/download`, { token: owner.token })).body.code).toBe('file.corrupt')
  })

  it('whose hash is not known yet has no digest', async () => {
    const pending = await createFile(test, workspace, { name: 'pending', content: 'x', integrity: 'pending' })
    const answer = await get(pending.id)
    expect([answer.status, answer.headers['repr-digest']]).toEqual([200, undefined])
  })

  it('cut or lost on disk is a problem, never a short answer', async () => {
    const cut = await createFile(test, workspace, {
      name: 'cut',
      content: randomBytes(1000),
    })
    truncateSync(pathOnDisk(cut.objectKey), 999)
    const answer = await get(cut.id)
    expect([answer.status, problemOf(answer).code, answer.headers['content-type']]).toEqual([500, 'file.corrupt', 'application/problem+json'])
    for (const header of ['content-disposition', 'etag', 'repr-digest']) expect(answer.headers[header]).toBeUndefined()
    unlinkSync(pathOnDisk(cut.objectKey))
    expect((await get(cut.id)).status).toBe(500)
  })

  it('of which a bit flipped on disk never comes as if right', async () => {
    const large = await createFile(test, workspace, {
      name: 'flipped',
      content: randomBytes(2_000_000),
    })
    flipBit(large.objectKey, 1_234_567)
    const answer = await get(large.id)
    expect([answer.status, answer.broken]).toEqual([200, 'aborted'])
    expect(answer.body.length).toBeLessThan(2_000_000)
    const small = await createFile(test, workspace, { name: 'small', content: 'small' })
    const pending = await createFile(test, workspace, { name: 'not read back yet', content: 'pending', integrity: 'pending' })
    for (const { id, objectKey } of [small, pending]) {
      flipBit(objectKey, 0)
      const refused = await get(id)
      expect([refused.status, problemOf(refused).code]).toEqual([500, 'file.corrupt'])
    }
    await expect.poll(() => openFilesBelow(storageDir())).toEqual([])
  })

  it('cut on disk while it is sent breaks the connection', async () => {
    const large = await createFile(test, workspace, {
      name: 'large',
      content: Buffer.alloc(64 * 1024 * 1024, 'x'),
    })
    const path = pathOnDisk(large.objectKey)
    const answer = await new Promise<{ complete: boolean, bytes: number }>((resolve, reject) => {
      http.get({
        port,
        host: '127.0.0.1',
        path: `/api/v1/files/${large.id}/content`,
        agent: false,
        headers: { authorization: `Bearer ${owner.token}` },
      }, (response) => {
        let bytes = 0
        truncateSync(path, 30 * 1024 * 1024)
        response.on('data', (chunk: Buffer) => bytes += chunk.length)
        response.on('error', () => {})
        response.on('close', () => resolve({ complete: response.complete, bytes }))
      }).on('error', reject)
    })
    expect(answer.complete).toBe(false)
    expect(answer.bytes).toBeLessThan(64 * 1024 * 1024)
    await expect.poll(() => openFilesBelow(storageDir())).toEqual([])
  })

  it('is let go of when the reader goes away', async () => {
    const large = await createFile(test, workspace, {
      name: 'left',
      content: Buffer.alloc(32 * 1024 * 1024, 'x'),
    })
    await Promise.all(Array.from({ length: 10 }, () => new Promise<void>((resolve, reject) => {
      const request = http.get({
        port,
        host: '127.0.0.1',
        path: `/api/v1/files/${large.id}/content`,
        agent: false,
        headers: { authorization: `Bearer ${owner.token}` },
      }, (response) => {
        response.once('data', () => {
          request.destroy()
          resolve()
        })
        response.on('error', () => {})
      }).on('error', reject)
    })))
    await expect.poll(() => openFilesBelow(storageDir())).toEqual([])
  })
})

describe('a reader', () => {
  async function serve(stallMs: number) {
    const app = Fastify({ forceCloseConnections: true })
    const large = await createFile(test, workspace, {
      name: `stall ${stallMs}`,
      content: Buffer.alloc(48 * 1024 * 1024, 'x'),
    })
    const seen = { ended: false }
    app.get('/', async (request, reply) => {
      reply.raw.once('close', () => { seen.ended = true })
      return sendContent(request, reply, {
        name: 'x',
        size: large.content.length,
        mediaType: 'text/plain',
        etag: '"1"',
        sha256: null,
        lastModified: new Date(),
        open: async options => (await test.deps.storage.getObject(large.objectKey, options)).body,
      }, { stallMs })
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => app.close())
    return { port: (app.server.address() as { port: number }).port, seen }
  }
  const read = (port: number, onResponse: (response: http.IncomingMessage) => void) => new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get({ port, host: '127.0.0.1', agent: false }, (response) => {
      response.on('error', () => {})
      response.on('close', () => resolve(response))
      onResponse(response)
    }).on('error', reject)
  })

  it('that stands still is ended, visibly', async () => {
    const { port, seen } = await serve(300)
    const response = await read(port, (response) => {
      response.once('data', () => response.pause())
      void expect.poll(() => seen.ended).toBe(true).then(() => response.resume())
    })
    expect([seen.ended, response.complete]).toEqual([true, false])
    await expect.poll(() => openFilesBelow(storageDir())).toEqual([])
  })

  it('that is slow, but never stands still for so long, gets everything (takes twice that time)', async () => {
    const stallMs = 1500
    const { port } = await serve(stallMs)
    const begun = performance.now()
    let bytes = 0
    const response = await read(port, (response) => {
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (performance.now() - begun > 2 * stallMs) return
        response.pause()
        setTimeout(() => response.resume(), 20)
      })
    })
    expect([response.complete, bytes]).toEqual([true, 48 * 1024 * 1024])
    expect(performance.now() - begun).toBeGreaterThan(2 * stallMs)
  })
})

describe('a ticket', () => {
  const ticketOf = async (user: TestUser, id = file.id, query = '') => {
    const { status, body } = await test.call('POST', `/files/${id}/download${query}`, { token: user.token })
    expect(status).toBe(200)
    return pathOf(body.url)
  }

  it('opens the file without a session, in pieces, noted once and stored as a hash', async () => {
    const before = (await auditOf(test, workspace.id, 'file.downloaded')).length
    const path = await ticketOf(owner)
    const whole = await fetchRaw(port, path)
    expect([
      whole.status,
      whole.body.equals(content),
    ]).toEqual([200, true])
    const piece = await fetchRaw(port, path, {
      headers: { range: 'bytes=10-19' },
    })
    expect([
      piece.status,
      piece.body.equals(content.subarray(10, 20)),
    ]).toEqual([206, true])
    expect(await auditOf(test, workspace.id, 'file.downloaded')).toHaveLength(before + 1)
    const token = path.split('/').at(-1)!
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(JSON.stringify(await test.deps.db.select().from(downloadTickets))).not.toContain(token)
  })

  it('opens the version asked for, also when another has become the current one', async () => {
    const name = 'Grew.txt'
    const { id } = await createFile(test, workspace, { name, content: 'first' })
    const openTicket = await ticketOf(owner, id)
    const firstTicket = await ticketOf(owner, id, '?version=1')
    const form = new FormData()
    form.append('file', new Blob(['second']), name)
    const replaced = await fetch(`http://127.0.0.1:${port}/api/v1/workspaces/${workspace.id}/files?parentId=${workspace.rootId}&name=${name}&onConflict=replace`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.token}` },
      body: form,
    })
    expect(await replaced.json()).toMatchObject({ id, version: 2 })

    const bytes = async (path: string) => (await fetchRaw(port, path)).body.toString()
    expect(await bytes(firstTicket)).toBe('first')
    expect(await bytes(openTicket)).toBe('second')
    expect(await bytes(await ticketOf(owner, id, '?version=1'))).toBe('first')
    expect((await auditOf(test, workspace.id, 'file.downloaded')).filter(event => event.subjectId === id).map(event => event.details)).toMatchObject([
      { version: 1, sizeBytes: 5 },
      { version: 1, sizeBytes: 5 },
      { version: 1, sizeBytes: 5 },
    ])
    expect((await test.call('POST', `/files/${id}/download?version=3`, { token: owner.token })).status).toBe(404)
  })

  it('ends an hour after its last use, a day after its making at the latest', async () => {
    onTestFinished(() => test.clock.set(null))
    const start = Date.now()
    const at = (hours: number) => test.clock.set(new Date(start + hours * 3_600_000))
    at(0)
    const [used, unused] = [await ticketOf(owner), await ticketOf(owner)]
    const status = async (path: string) => (await fetchRaw(port, path, { method: 'HEAD' })).status
    for (let hours = 0.9; hours < 24; hours += 0.9) {
      at(hours)
      expect(await status(used)).toBe(200)
    }
    at(24)
    expect(await status(used)).toBe(404)
    at(1)
    expect(await status(unused)).toBe(404)
    await purgeDue(test)
    at(0)
    expect(await status(unused)).toBe(200)
    at(25)
    await purgeDue(test)
    at(0)
    expect(await status(unused)).toBe(404)
  })

  it('is worth what its holder may do now', async () => {
    const staff = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
    const path = await ticketOf(staff)
    expect((await fetchRaw(port, path)).status).toBe(200)
    await test.deps.db.update(grants).set({ role: 'previewer' }).where(eq(grants.userId, staff.id))
    const refused = await fetchRaw(port, path)
    const unknown = await fetchRaw(port, '/api/v1/downloads/nonsense')
    expect([refused.status, problemOf(refused).code, problemOf(refused).detail]).toEqual([404, 'not_found', problemOf(unknown).detail])
    await test.deps.db.update(grants).set({ role: 'editor' }).where(eq(grants.userId, staff.id))
    expect((await fetchRaw(port, path)).status).toBe(200)
    await test.deps.db.delete(members).where(eq(members.userId, staff.id))
    expect((await fetchRaw(port, path)).status).toBe(404)
  })
})

describe('an archive', () => {
  const archive = (itemIds: string[], user = owner) => test.call('POST', `/workspaces/${workspace.id}/archives`, {
    token: user.token,
    body: { itemIds },
  })

  it('of folders and files: the length told ahead, every byte, empty folders, names that every system can save', async () => {
    const root = await createFolder(test, workspace, { name: 'Mandant & Söhne' })
    await createFolder(test, workspace, { name: 'leer', parentId: root.id })
    const deep = await createFolder(test, workspace, { name: 'con', parentId: root.id })
    await createFile(test, workspace, {
      name: 'a?.bin',
      content: randomBytes(100_000),
      parentId: deep.id,
    })
    const one = await createFile(test, workspace, {
      name: 'a*.bin',
      content: randomBytes(10),
      parentId: deep.id,
    })
    const gone = await createFile(test, workspace, { name: 'gone', content: 'x', parentId: root.id })
    await test.deps.db.update(items).set({
      trashedAt: new Date(),
    }).where(eq(items.id, gone.id))

    const { status, body } = await archive([root.id])
    expect(status).toBe(200)
    const head = await fetchRaw(port, pathOf(body.url), { method: 'HEAD' })
    const answer = await fetchRaw(port, pathOf(body.url), {
      headers: { range: 'bytes=5-' },
    })
    expect([answer.status, answer.body.length, answer.broken]).toEqual([
      200,
      Number(answer.headers['content-length']),
      undefined,
    ])
    expect(head.headers['content-length']).toBe(answer.headers['content-length'])
    expect(answer.headers).toMatchObject({ 'content-type': 'application/zip', 'accept-ranges': 'none', 'content-security-policy': 'sandbox; default-src \'none\'' })
    expect(answer.headers['content-disposition']).toContain('Mandant%20%26%20S%C3%B6hne.zip')
    expect(answer.headers.etag).toBeUndefined()
    const entries = await readZip(answer.body)
    expect(entries.map(entry => entry.name).sort()).toEqual([
      'Mandant & Söhne/',
      'Mandant & Söhne/_con/',
      'Mandant & Söhne/_con/a_ (2).bin',
      'Mandant & Söhne/_con/a_.bin',
      'Mandant & Söhne/leer/',
    ])
    expect(entries.some(entry => entry.content.equals(one.content))).toBe(true)
    const events = await auditOf(test, workspace.id, 'archive.downloaded')
    expect(events.at(-1)).toMatchObject({
      subject: { kind: 'folder', id: root.id },
      details: { fileCount: 2, sizeBytes: 100_010 },
    })
  })

  it('of a selection is named after the workspace and the day, and holds what is chosen twice once', async () => {
    const folder = await createFolder(test, workspace, { name: 'twice' })
    const inside = await createFile(test, workspace, { name: 'in', content: 'in', parentId: folder.id })
    const { body } = await archive([inside.id, folder.id, file.id])
    const answer = await fetchRaw(port, pathOf(body.url))
    expect(answer.headers['content-disposition']).toMatch(/Workspace \d+ \d{4}-\d\d-\d\d\.zip/)
    expect((await readZip(answer.body)).map(entry => entry.name).sort()).toEqual([file.name, 'twice/', 'twice/in'].sort())
  })

  it('leaves out what the person may not download', async () => {
    const shelf = await createFolder(test, workspace, { name: 'shelf' })
    const mine = await createFolder(test, workspace, { name: 'granted', parentId: shelf.id })
    await createFile(test, workspace, { name: 'no', content: 'no', parentId: shelf.id })
    await createFile(test, workspace, { name: 'yes', content: 'yes', parentId: mine.id })
    const previewer = await addMember(test, workspace, 'staff', { spaceRole: 'previewer' })
    expect((await archive([shelf.id], previewer)).body.code).toBe('access.denied')
    await test.deps.db.insert(grants).values({
      id: crypto.randomUUID(),
      workspaceId: workspace.id,
      folderId: mine.id,
      userId: previewer.id,
      role: 'viewer',
      createdAt: new Date(),
    })
    const { body } = await archive([shelf.id], previewer)
    expect((await readZip((await fetchRaw(port, pathOf(body.url))).body)).map(entry => entry.name)).toEqual(['shelf/', 'shelf/granted/', 'shelf/granted/yes'])
  })

  it('has ended, not an archive without files, once its holder may download none of them', async () => {
    const shelf = await createFolder(test, workspace, { name: 'demoted' })
    await createFile(test, workspace, { name: 'no', content: 'no', parentId: shelf.id })
    const viewer = await addMember(test, workspace, 'staff', { spaceRole: 'viewer' })
    const { body } = await archive([shelf.id], viewer)
    await test.deps.db.update(grants).set({ role: 'previewer' }).where(eq(grants.userId, viewer.id))
    expect((await fetchRaw(port, pathOf(body.url))).status).toBe(404)
  })

  it('refuses before it starts when a file in it is corrupt, and names it', async () => {
    const folder = await createFolder(test, workspace, { name: 'Spoilt' })
    await createFile(test, workspace, {
      name: 'bad.pdf',
      content: 'x',
      parentId: folder.id,
      integrity: 'failed',
    })
    const { status, body } = await archive([folder.id])
    expect([status, body.code]).toEqual([409, 'file.corrupt'])
    expect(body.detail).toContain('Spoilt/bad.pdf')
  })

  it('breaks off visibly when a bit of a file is flipped on disk', async () => {
    const folder = await createFolder(test, workspace, { name: 'Flipped bit' })
    const { objectKey } = await createFile(test, workspace, {
      name: 'a',
      content: randomBytes(200_000),
      parentId: folder.id,
    })
    await createFile(test, workspace, { name: 'b', content: 'b', parentId: folder.id })
    flipBit(objectKey, 150_000)
    const { body } = await archive([folder.id])
    const answer = await fetchRaw(port, pathOf(body.url))
    expect([answer.status, answer.broken]).toEqual([200, 'aborted'])
  })

  it('breaks off visibly when a file is cut on disk', async () => {
    const folder = await createFolder(test, workspace, { name: 'broken' })
    for (const name of ['a', 'b', 'c']) {
      await createFile(test, workspace, {
        name,
        content: randomBytes(200_000),
        parentId: folder.id,
      })
    }
    const last = await createFile(test, workspace, {
      name: 'd',
      content: randomBytes(1000),
      parentId: folder.id,
    })
    truncateSync(pathOnDisk(last.objectKey), 1)
    const { body } = await archive([folder.id])
    const answer = await fetchRaw(port, pathOf(body.url))
    expect([answer.status, answer.broken]).toEqual([200, 'aborted'])
    await expect.poll(() => openFilesBelow(storageDir())).toEqual([])
  })

  it('of others is not there', async () => {
    const other = await createWorkspace(test)
    const stranger = await createUser(test)
    expect((await archive([file.id], stranger)).status).toBe(404)
    expect((await test.call('POST', `/workspaces/${other.id}/archives`, {
      token: other.owner.token,
      body: {
        itemIds: [file.id],
      },
    })).status).toBe(404)
    expect((await archive([])).status).toBe(400)
  })

  soakIt('of many files keeps memory flat (sends hundreds of MiB)', async () => {
    const folder = await createFolder(test, workspace, { name: 'many' })
    const objects = await createFile(test, workspace, {
      name: 'first',
      content: Buffer.alloc(8 * 1024 * 1024, 'x'),
      parentId: folder.id,
    })
    for (let n = 0; n < 40; n++) await createFile(test, workspace, { name: `file ${n}`, content: objects.content, parentId: folder.id })
    const { body } = await archive([folder.id])
    let bytes = 0
    const memory = watchMemory()
    const length = await new Promise<number>((resolve, reject) => {
      http.get({
        port,
        host: '127.0.0.1',
        path: pathOf(body.url),
        agent: false,
      }, (response) => {
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
        })
        response.on('end', () => resolve(Number(response.headers['content-length'])))
      }).on('error', reject)
    })
    expect(memory.stop() / 1024 / 1024).toBeLessThan(16)
    expect(bytes).toBe(length)
    expect(bytes).toBeGreaterThan(328 * 1024 * 1024)
    expect(statSync(pathOnDisk(objects.objectKey)).size).toBe(objects.content.length)
  })
})
