import type { Fixture } from './support/api-client.ts'
import type { RunningServer } from './support/running-server.ts'
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApiClient, form, setUp } from './support/api-client.ts'
import { startServer } from './support/running-server.ts'
import { until } from './support/wait.ts'

/** The core contract that other programs rely on, call by call, over HTTP. */

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

let server: RunningServer
let fixture: Fixture

beforeAll(async () => {
  server = await startServer()
  const before = new ApiClient(server.url)
  expect(await before.must('GET', '/setup')).toEqual({ required: true })
  fixture = await setUp(server)
})
afterAll(() => server?.dispose())

describe('the instance', () => {
  it('is alive and ready, each dependency named', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    const ready = await fetch(`${server.url}/readyz`)
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({
      checks: { database: 'ok', storage: 'ok' },
    })
  })

  it('is set up once and for ever', async () => {
    expect(await fixture.api.must('GET', '/setup')).toEqual({ required: false })
    const again = await fixture.api.call('POST', '/setup', {
      body: {
        token: server.setupToken,
        name: 'X',
        email: 'x@example.com',
        password: 'wombat-lantern-orbit-77',
        instanceName: 'X',
      },
    })
    expect(again.status).toBe(404)
  })

  it('serves its own description', async () => {
    const document = await fixture.api.must('GET', '/openapi.json')
    expect(document.openapi).toBe('3.1.0')
    expect(document.paths['/api/v1/workspaces/{workspaceId}/links'].post.operationId).toBe('createLink')
  })

  it('answers errors as problem+json with a request id and tells programs not to keep them', async () => {
    const answer = await fixture.api.call('GET', '/no/such/thing')
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.body).toMatchObject({
      type: expect.any(String),
      title: expect.any(String),
      status: 404,
      code: 'not_found',
      requestId: expect.any(String),
    })
  })
})

describe('sessions', () => {
  it('signs in, refreshes by cookie, signs out', async () => {
    const api = new ApiClient(server.url)
    const started = await api.must('POST', '/auth/login', {
      body: { email: 'OPERATOR@example.com', password: 'wombat-lantern-orbit-77' },
    })
    expect(started).toMatchObject({
      expiresIn: 900,
      user: { email: 'operator@example.com' },
    })
    api.token = started.accessToken
    const me = await api.must('GET', '/me')
    expect(me.memberships).toMatchObject([
      {
        workspaceId: fixture.workspaceId,
        slug: 'acme',
        name: 'Acme',
        role: 'owner',
      },
    ])

    const refreshed = await api.must('POST', '/auth/refresh')
    expect(refreshed.accessToken).toMatch(/^ey/)
    expect((await api.call('POST', '/auth/logout')).status).toBe(204)
    expect((await api.call('POST', '/auth/refresh')).status).toBe(401)
    expect((await api.call('GET', '/me')).status).toBe(401)
  })

  it('refuses a wrong password and an unknown address alike', async () => {
    const api = new ApiClient(server.url)
    const wrong = await api.call('POST', '/auth/login', {
      body: { email: 'operator@example.com', password: 'not the password' },
    })
    const unknown = await api.call('POST', '/auth/login', {
      body: { email: 'nobody@example.com', password: 'not the password' },
    })
    expect([wrong.status, wrong.body.code, wrong.body.detail]).toEqual([unknown.status, unknown.body.code, unknown.body.detail])
    expect(wrong.status).toBe(401)
  })
})

describe('files', () => {
  const bytes = randomBytes(3_000_000)
  let file: any

  it('makes a folder, and an item has the form that programs rely on', async () => {
    const { api, workspaceId, rootId } = fixture
    const folder = await api.must('POST', `/workspaces/${workspaceId}/folders`, {
      body: { parentId: rootId, name: 'Contracts' },
    })
    expect(folder).toMatchObject({
      id: expect.stringMatching(UUID_V7),
      kind: 'folder',
      name: 'Contracts',
      parentId: rootId,
    })

    file = await api.must('POST', `/workspaces/${workspaceId}/files?parentId=${folder.id}&name=${encodeURIComponent('Übersicht 2026.pdf')}`, {
      body: form(bytes),
    })
    expect(file).toMatchObject({
      kind: 'file',
      name: 'Übersicht 2026.pdf',
      size: bytes.length,
      sha256: sha256(bytes),
      version: 1,
      parentId: folder.id,
      integrity: 'verified',
    })
    const list = await api.must('GET', `/workspaces/${workspaceId}/items?parentId=${folder.id}`)
    expect(list).toMatchObject({
      items: [
        { id: file.id },
      ],
      nextCursor: null,
    })
  })

  it('gives the bytes back, whole, in ranges and conditionally', async () => {
    const url = `${server.url}/api/v1/files/${file.id}/content`
    const headers = { authorization: `Bearer ${fixture.api.token}` }
    const whole = await fetch(url, { headers })
    expect(whole.headers.get('content-length')).toBe(String(bytes.length))
    expect(whole.headers.get('repr-digest')).toBe(`sha-256=:${Buffer.from(sha256(bytes), 'hex').toString('base64')}:`)
    expect(whole.headers.get('content-disposition')).toContain(`filename*=UTF-8''%C3%9Cbersicht%202026.pdf`)
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff')
    expect(sha256(new Uint8Array(await whole.arrayBuffer()))).toBe(sha256(bytes))

    const etag = whole.headers.get('etag')!
    const part = await fetch(url, {
      headers: { ...headers, 'range': 'bytes=1000-1999', 'if-range': etag },
    })
    expect([
      part.status,
      part.headers.get('content-range'),
    ]).toEqual([206, `bytes 1000-1999/${bytes.length}`])
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(1000, 2000))).toBe(true)
    expect((await fetch(url, {
      headers: { ...headers, 'if-none-match': etag },
    })).status).toBe(304)
    expect((await fetch(url, {
      headers: { ...headers, range: `bytes=${bytes.length}-` },
    })).status).toBe(416)
    const head = await fetch(url, { method: 'HEAD', headers })
    expect([
      head.status,
      head.headers.get('content-length'),
    ]).toEqual([
      200,
      String(bytes.length),
    ])
  })

  it('takes parts in any order, again, and completes once', async () => {
    const { api, workspaceId, rootId } = fixture
    const big = randomBytes(40 * 1024 * 1024 + 17)
    const upload = await api.must('POST', `/workspaces/${workspaceId}/uploads`, {
      body: { parentId: rootId, name: 'big.bin', size: big.length },
    })
    expect(upload.partCount).toBe(Math.ceil(big.length / upload.partSize))
    const partOf = (n: number) => big.subarray((n - 1) * upload.partSize, n * upload.partSize)
    const put = (n: number, token = upload.uploadToken) => api.call('PUT', `/uploads/${upload.id}/parts/${n}`, {
      token,
      body: partOf(n),
      headers: { 'content-digest': `sha-256=:${createHash('sha256').update(partOf(n)).digest('base64')}:` },
    })

    expect((await put(1, api.token)).status).toBe(401)
    const numbers = Array.from({ length: upload.partCount }, (_, index) => index + 1).reverse()
    for (const answer of await Promise.all(numbers.map(n => put(n)))) {
      expect(answer.status).toBe(200)
      expect(answer.headers.get('etag')).toBeTruthy()
    }
    expect((await put(1)).status).toBe(200)
    const listed = await api.must('GET', `/uploads/${upload.id}`, { token: upload.uploadToken })
    expect(listed.parts.map((part: { n: number }) => part.n)).toEqual([...numbers].reverse())

    const [first, second] = await Promise.all([1, 2].map(() => api.call('POST', `/uploads/${upload.id}/complete`, {
      token: upload.uploadToken,
      body: {
        sha256: sha256(big),
      },
    })))
    expect([first!.status, second!.status]).toEqual([201, 201])
    expect(first!.body.id).toBe(second!.body.id)

    let item = first!.body
    await until('the file is verified', async () => {
      item = await api.must('GET', `/items/${item.id}`)
      return item.integrity !== 'pending'
    })
    expect(item).toMatchObject({
      integrity: 'verified',
      sha256: sha256(big),
      size: big.length,
    })
  })

  it('aborts an upload without a trace', async () => {
    const { api, workspaceId, rootId } = fixture
    const upload = await api.must('POST', `/workspaces/${workspaceId}/uploads`, {
      body: { parentId: rootId, name: 'never.bin', size: 100 },
    })
    expect((await api.call('DELETE', `/uploads/${upload.id}`, { token: upload.uploadToken })).status).toBe(204)
    const list = await api.must('GET', `/workspaces/${workspaceId}/items?parentId=${rootId}&q=never`)
    expect(list.items).toEqual([])
  })

  it('puts an item in the trash and back', async () => {
    const { api } = fixture
    expect((await api.call('DELETE', `/items/${file.id}`)).status).toBe(204)
    expect((await api.call('GET', `/files/${file.id}/content`)).status).toBe(404)
    await api.must('POST', `/items/${file.id}/restore`)
    expect((await api.call('HEAD', `/files/${file.id}/content`)).status).toBe(200)
  })

  it('streams an archive of a selection', async () => {
    const { api, workspaceId } = fixture
    const { url } = await api.must('POST', `/workspaces/${workspaceId}/archives`, {
      body: {
        itemIds: [file.parentId],
      },
    })
    const response = await fetch(new URL(url, server.url))
    const archive = Buffer.from(await response.arrayBuffer())
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe(String(archive.length))
    expect(archive.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04')
    expect(archive.length).toBeGreaterThan(bytes.length)
  })

  describe('a secure link', () => {
    let link: any
    const visitor = () => new ApiClient(server.url)
    const tokenOf = (url: string) => url.split('/').at(-1)!

    it('opens without an account and counts what is claimed, not what is fetched', async () => {
      const { api, workspaceId } = fixture
      link = await api.must('POST', `/workspaces/${workspaceId}/links`, {
        body: {
          itemIds: [file.id],
          maxDownloads: 1,
        },
      })
      expect(link.url).toMatch(new RegExp(`^${server.url}/s/[\\w-]{43}$`))
      const token = tokenOf(link.url)
      const opened = await visitor().must('GET', `/public/links/${token}`)
      expect(opened).toMatchObject({
        state: 'open',
        items: [
          { name: 'Übersicht 2026.pdf', size: bytes.length },
        ],
      })

      const claims = await Promise.all(Array.from({ length: 50 }, () => visitor().call('POST', `/public/links/${token}/download`, { body: {} })))
      const won = claims.filter(claim => claim.status === 200)
      expect(won.length).toBe(1)
      expect(new Set(claims.filter(claim => claim.status !== 200).map(claim => `${claim.status} ${claim.body.code}`))).toEqual(new Set(['404 link.not_found']))
      const address = new URL(won[0]!.body.url, server.url)
      const cookie = won[0]!.headers.getSetCookie()[0]!.split(';')[0]!
      expect((await fetch(address)).status).toBe(404)
      const response = await fetch(address, {
        headers: { cookie },
      })
      expect(sha256(new Uint8Array(await response.arrayBuffer()))).toBe(sha256(bytes))
      // Who hands it to a proxy does not see it arrive: it may be begun anew three times, and that is all.
      const more: number[] = []
      do {
        const again = await fetch(address, {
          headers: { cookie },
        })
        await again.arrayBuffer()
        more.push(again.status)
      } while (more.at(-1) === 200 && more.length < 10)
      expect(more.at(-1)).toBe(404)
      expect(more.length).toBeLessThanOrEqual(4)
    })

    it('asks for its password, and its grant opens no other link', async () => {
      const { api, workspaceId } = fixture
      const make = async () => tokenOf((await api.must('POST', `/workspaces/${workspaceId}/links`, {
        body: {
          itemIds: [file.id],
          password: 'a quiet heron',
        },
      })).url)
      const [one, other] = [await make(), await make()]
      const locked = await visitor().call('GET', `/public/links/${one}`)
      expect([locked.status, locked.body.code, locked.body.gates]).toEqual([
        401,
        'link.locked',
        ['password'],
      ])
      expect(JSON.stringify(locked.body)).not.toContain('bersicht')
      expect((await visitor().call('POST', `/public/links/${one}/unlock`, {
        body: { password: 'wrong' },
      })).status).toBe(401)
      const { grant } = await visitor().must('POST', `/public/links/${one}/unlock`, {
        body: { password: 'a quiet heron' },
      })
      expect((await visitor().call('GET', `/public/links/${one}`, {
        headers: { 'x-link-grant': grant },
      })).status).toBe(200)
      expect((await visitor().call('GET', `/public/links/${other}`, {
        headers: { 'x-link-grant': grant },
      })).status).toBe(401)
    })

    it('looks the same when unknown, used up and revoked', async () => {
      const { api, workspaceId } = fixture
      const revoked = await api.must('POST', `/workspaces/${workspaceId}/links`, {
        body: {
          itemIds: [file.id],
        },
      })
      expect((await api.call('DELETE', `/workspaces/${workspaceId}/links/${revoked.id}`)).status).toBe(204)
      const answers = await Promise.all([
        tokenOf(link.url),
        tokenOf(revoked.url),
        'A'.repeat(43),
        'x',
      ].map(token => visitor().call('GET', `/public/links/${token}`)))
      expect(new Set(answers.map(({ status, body: { requestId: _id, ...body } }) => JSON.stringify([status, body]))).size).toBe(1)
      expect(answers[0]!.status).toBe(404)
    })
  })

  it('has an event for each of these, newest first, in an unbroken chain', async () => {
    const { api, workspaceId } = fixture
    const { items } = await api.must('GET', `/workspaces/${workspaceId}/audit?limit=200`)
    const actions = new Set(items.map((event: { action: string }) => event.action))
    for (const action of [
      'workspace.created',
      'folder.created',
      'file.uploaded',
      'item.trashed',
      'item.restored',
      'link.created',
      'link.revoked',
      'link.downloaded',
    ])
      expect(actions).toContain(action)
    const seqs = items.map((event: { seq: number }) => event.seq)
    expect(seqs).toEqual([...seqs].sort((a, b) => b - a))
    expect(items[0]).toMatchObject({
      actor: {
        kind: expect.any(String),
        name: expect.any(String),
      },
      subject: expect.any(Object),
      origin: {
        ip: expect.any(String),
      },
    })
    expect(await api.must('GET', `/workspaces/${workspaceId}/audit/proof`)).toMatchObject({ brokenAt: null })
  })
})

describe('policies', () => {
  it('are public, dated, and keep their old versions', async () => {
    const { api } = fixture
    const today = new Date().toISOString().slice(0, 10)
    let policy = await api.must('POST', '/admin/policies', {
      body: {
        kind: 'terms',
        slug: 'terms',
        title: 'Terms',
        markdown: '# One',
      },
    })
    await api.must('POST', `/admin/policies/${policy.id}/publish`, {
      body: { effectiveOn: today, summary: 'First' },
    })
    policy = await api.must('PATCH', `/admin/policies/${policy.id}`, {
      body: { markdown: '# Two' },
    })
    await api.must('POST', `/admin/policies/${policy.id}/publish`, {
      body: { effectiveOn: today, summary: 'Second' },
      headers: { 'if-match': policy.etag },
    })

    const anyone = new ApiClient(server.url)
    expect((await anyone.must('GET', '/public/policies')).items).toMatchObject([
      { slug: 'terms', effectiveOn: today },
    ])
    expect(await anyone.must('GET', '/public/policies/terms')).toMatchObject({
      number: 2,
      markdown: '# Two',
      effectiveOn: today,
      current: true,
    })
    expect(await anyone.must('GET', '/public/policies/terms/versions/1')).toMatchObject({ number: 1, markdown: '# One', current: false })
  })
})

describe('requests', () => {
  it('are taken from anyone and handled by the operator', async () => {
    const { api } = fixture
    const anyone = new ApiClient(server.url)
    const request = {
      kind: 'access',
      name: 'Ana',
      email: 'ana@example.com',
      company: 'Harbour',
      message: 'May I come in?',
    }
    const taken = await anyone.call('POST', '/public/requests', { body: request })
    expect(taken.status).toBe(202)
    expect(taken.body.reference).toMatch(/^R-[0-9A-Z]{4}-[0-9A-Z]{4}$/)
    expect((await anyone.call('GET', '/admin/requests')).status).toBe(401)

    const { items: [received] } = await api.must('GET', '/admin/requests?state=new')
    expect(received).toMatchObject({ ...request, state: 'new' })
    expect(await api.must('PATCH', `/admin/requests/${received.id}`, {
      body: { state: 'answered' },
    })).toMatchObject({
      state: 'answered',
      handledAt: expect.any(String),
    })
  })
})
