import type { AddressInfo } from 'node:net'
import type { TestFile, TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Link, LinkInput } from '../links/links.schemas.ts'
import { eq, max } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { auditOf } from '../../../test/audit-log.ts'
import { addMember, createFile, createFolder, createWorkspace } from '../../../test/factories.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { readZip } from '../../../test/read-zip.ts'
import { isSoak } from '../../../test/soak.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { attachment } from '../../http/attachment.ts'
import { throttles } from '../auth/throttles.table.ts'
import { downloadTickets } from '../downloads/downloads.table.ts'
import { items } from '../items/items.table.ts'
import { links } from '../links/links.table.ts'
import { members } from '../members/members.table.ts'
import { grants } from '../spaces/spaces.table.ts'
import { openingKey } from './link-visits.ts'
import { linkVisits } from './public-links.table.ts'

let test: TestApp
let workspace: TestWorkspace
let owner: TestUser
let editor: TestUser
let folder: { id: string, name: string }
let sub: { id: string, name: string }
let report: TestFile
let deep: TestFile
let outside: TestFile

beforeAll(async () => { test = await createTestApp() })
beforeEach(async () => {
  await test.deps.db.delete(throttles)
  workspace = await createWorkspace(test)
  owner = workspace.owner
  editor = await addMember(test, workspace, 'staff', { spaceRole: 'editor' })
  folder = await createFolder(test, workspace, { name: 'Photos' })
  sub = await createFolder(test, workspace, { name: 'Raw', parentId: folder.id })
  report = await createFile(test, workspace, { name: 'Report.pdf', content: 'the report', mediaType: 'application/pdf' })
  deep = await createFile(test, workspace, { name: 'deep.jpg', content: 'deep bytes', parentId: sub.id })
  outside = await createFile(test, workspace, { name: 'secret.txt', content: 'secret' })
})
afterAll(() => test.close())

async function create(input: Partial<LinkInput> = {}, user: TestUser = editor): Promise<Link & { token: string }> {
  const { status, body } = await test.call('POST', `/workspaces/${workspace.id}/links`, {
    token: user.token,
    body: {
      itemIds: [report.id, folder.id],
      ...input,
    },
  })
  expect([status, body.detail]).toEqual([201, undefined])
  return {
    ...body,
    token: body.url.split('/').at(-1),
  }
}
const visit = (token: string, headers: Record<string, string> = {}) => test.call('GET', `/public/links/${token}`, { headers })
const unlock = (token: string, password?: string) => test.call('POST', `/public/links/${token}/unlock`, {
  body: password === undefined
    ? {}
    : { password },
})
const claim = (token: string, itemId?: string, headers: Record<string, string> = {}) => test.call('POST', `/public/links/${token}/download`, {
  body: itemId === undefined
    ? {}
    : { itemId },
  headers,
})
const fetchTicket = (url: string, headers: Record<string, string> = {}) => test.call('GET', new URL(url).pathname, { headers })
/** What a browser sends on to the ticket's address. */
const cookieOf = ({ headers }: { headers: Record<string, unknown> }) => ({ cookie: String(headers['set-cookie']).split(';')[0]! })
const stateOf = async (link: Link) => (await test.call('GET', `/workspaces/${workspace.id}/links/${link.id}`, { token: owner.token })).body as Link
const refusals = async () => (await auditOf(test, workspace.id, 'link.refused')).map(event => event.details.reason)
const set = (link: Link, values: Partial<typeof links.$inferInsert>) => test.deps.db.update(links).set(values).where(eq(links.id, link.id))

describe('an open link', () => {
  it('needs no body where it asks for nothing', async () => {
    const link = await create({})
    expect((await test.call('POST', `/public/links/${link.token}/unlock`)).status).toBe(200)
    expect((await test.call('POST', `/public/links/${link.token}/download`)).status).toBe(200)
  })

  it('shows what it leads to, and counts who looks', async () => {
    const link = await create({ title: 'Audit set', message: 'Here', maxDownloads: 5 })
    const answer = await visit(link.token)
    expect(answer.status).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.body).toEqual({
      state: 'open',
      title: 'Audit set',
      message: 'Here',
      workspaceName: expect.stringMatching(/^Workspace/),
      hasPolicies: false,
      sharedBy: editor.name,
      expiresAt: null,
      downloadsLeft: 5,
      items: [
        {
          id: report.id,
          kind: 'file',
          name: 'Report.pdf',
          size: 10,
          fileCount: null,
          mediaType: 'application/pdf',
          sha256: report.sha256,
        },
        {
          id: folder.id,
          kind: 'folder',
          name: 'Photos',
          size: 10,
          fileCount: 1,
          mediaType: null,
          sha256: null,
        },
      ],
      totalBytes: 20,
      fileCount: 2,
    })
    await visit(link.token)
    const head = await test.app.inject({ method: 'HEAD', url: `/api/v1/public/links/${link.token}` })
    expect(head.statusCode).toBe(200)
    expect(await stateOf(link)).toMatchObject({
      openCount: 2,
      downloadCount: 0,
      lastOpenedAt: expect.any(String),
    })
  })

  it('is noted once for a visitor in an hour, however many come at once', async () => {
    onTestFinished(() => test.clock.set(null))
    const link = await create()
    const events = () => auditOf(test, workspace.id, 'link.opened')
    await Promise.all(Array.from({ length: 5 }, () => visit(link.token)))
    expect(await events()).toHaveLength(1)
    expect((await events())[0]).toMatchObject({
      actor: { kind: 'visitor', id: null },
      origin: { via: 'link', ip: '127.0.0.1' },
      subject: { kind: 'link', id: link.id },
    })
    await visit(link.token, { 'user-agent': 'another browser' })
    expect(await events()).toHaveLength(2)
    for (let n = 0; n < 35; n++) await visit(link.token, { 'user-agent': `flood ${n}` })
    expect(await events()).toHaveLength(30)
    test.clock.set(new Date(Date.now() + 3_601_000))
    await visit(link.token)
    expect(await events()).toHaveLength(31)
  })

  it('gives one network as many downloads in an hour as anybody takes one by one, and no more', async () => {
    const link = await create()
    await claim(link.token)
    await test.deps.db.update(throttles).set({ failures: 500 }).where(eq(throttles.failures, 1))
    expect(await claim(link.token)).toMatchObject({
      status: 429,
      body: { code: 'rate.limited' },
    })
    expect(await auditOf(test, workspace.id, 'link.downloaded')).toHaveLength(1)
    // A limit of its own is one.
    const limited = await create({ maxDownloads: 3 })
    expect((await claim(limited.token)).status).toBe(200)
  })

  it('is noted once for a network: whoever has one address of IPv6 has them all', () => {
    const from = (ip: string) => openingKey('link', { via: 'link', ip, userAgent: 'Browser' })
    expect(from('2001:db8:1:2::1')).toEqual(from('2001:db8:1:2:ffff::2'))
    expect(from('2001:db8:1:3::1')).not.toEqual(from('2001:db8:1:2::1'))
    expect(from('203.0.113.1')).not.toEqual(from('203.0.113.2'))
  })

  it('is compared with what the last hour had, of which nothing is kept for longer and nothing in clear', async () => {
    onTestFinished(() => test.clock.set(null))
    const link = await create()
    const visits = () => test.deps.db.select().from(linkVisits).where(eq(linkVisits.linkId, link.id))
    await visit(link.token, { 'user-agent': 'Some Browser/1.0' })
    await test.deps.db.update(links).set({
      expiresAt: new Date(test.clock.now().getTime() - 1),
    }).where(eq(links.id, link.id))
    await Promise.all(Array.from({ length: 5 }, () => visit(link.token)))
    expect(await refusals()).toEqual(['expired'])
    expect((await visits()).map(row => row.kind).toSorted()).toEqual(['opened', 'refused'])
    expect(JSON.stringify(await visits())).not.toMatch(/127\.0\.0\.1|Some Browser/)
    await purgeDue(test)
    expect(await visits()).toHaveLength(2)
    test.clock.set(new Date(test.clock.now().getTime() + 3_600_000))
    await purgeDue(test)
    expect(await visits()).toEqual([])
    await visit(link.token)
    expect(await refusals()).toEqual(['expired', 'expired'])
  })

  it('is browsed inside, and not outside', async () => {
    const link = await create({
      itemIds: [folder.id],
    })
    const list = (parentId: string, more = '') => test.call('GET', `/public/links/${link.token}/items?parentId=${parentId}${more}`)
    expect((await list(folder.id)).body).toEqual({
      items: [
        {
          id: sub.id,
          kind: 'folder',
          name: 'Raw',
          size: 10,
          fileCount: 1,
          mediaType: null,
          sha256: null,
        },
      ],
      nextCursor: null,
    })
    expect((await list(sub.id)).body.items).toMatchObject([
      { id: deep.id, size: 10 },
    ])
    const other = await createWorkspace(test)
    for (const id of [
      workspace.rootId,
      outside.id,
      deep.id,
      other.rootId,
      '01900000-0000-7000-8000-000000000000',
    ]) {
      const answer = await list(id)
      expect([answer.status, answer.body.code]).toEqual([404, 'link.not_found'])
    }
    await test.deps.db.update(items).set({
      trashedAt: new Date(),
    }).where(eq(items.id, sub.id))
    expect((await list(sub.id)).status).toBe(404)
    expect((await list(folder.id)).body.items).toEqual([])
    expect((await visit(link.token)).body).toMatchObject({ fileCount: 0, totalBytes: 0 })
  })

  it('pages a folder: folders first, then by name, each once', async () => {
    const link = await create({
      itemIds: [folder.id],
    })
    for (const name of ['b.txt', 'A.txt', 'ä.txt', 'c.txt']) await createFile(test, workspace, { name, content: name, parentId: folder.id })
    await createFolder(test, workspace, { name: 'zz', parentId: folder.id })
    const names: string[] = []
    let cursor = ''
    do {
      const { body } = await test.call('GET', `/public/links/${link.token}/items?parentId=${folder.id}&limit=2${cursor && `&cursor=${cursor}`}`)
      names.push(...body.items.map((item: { name: string }) => item.name))
      cursor = body.nextCursor
    } while (cursor)
    expect(names.slice(0, 2)).toEqual(['Raw', 'zz'])
    expect([...names].sort()).toEqual([
      'A.txt',
      'Raw',
      'b.txt',
      'c.txt',
      'zz',
      'ä.txt',
    ])
    expect((await test.call('GET', `/public/links/${link.token}/items?parentId=${folder.id}&cursor=${Buffer.from('["file","a","x"]').toString('base64url')}`)).status).toBe(400)
  })
})

describe('a link that does not open', () => {
  it('looks the same whatever the reason; only its owner learns which', async () => {
    const [expired, revoked, usedUp, suspended] = [
      await create(),
      await create(),
      await create({ maxDownloads: 1 }),
      await create({
        itemIds: [outside.id],
      }),
    ]
    await set(expired, {
      expiresAt: new Date(),
    })
    await test.call('DELETE', `/workspaces/${workspace.id}/links/${revoked.id}`, { token: editor.token })
    await set(usedUp, { downloadCount: 1 })
    await test.deps.db.update(items).set({
      trashedAt: new Date(),
    }).where(eq(items.id, outside.id))
    const answers = []
    for (const token of [
      'x'.repeat(43),
      'short',
      '%00',
      `${expired.token}x`,
      expired.token,
      revoked.token,
      usedUp.token,
      suspended.token,
    ]) {
      for (const [method, path, body] of [
        ['GET', ''],
        ['GET', `/items?parentId=${folder.id}`],
        [
          'POST',
          '/unlock',
          { password: 'some password' },
        ],
        ['POST', '/download', {}],
      ] as const) {
        const started = performance.now()
        const { status, body: { requestId, ...problem }, headers } = await test.call(method, `/public/links/${token}${path}`, { body })
        expect(requestId).toBeDefined()
        expect(performance.now() - started).toBeGreaterThanOrEqual(99)
        answers.push(JSON.stringify([
          status,
          problem,
          Object.keys(headers).filter(name => name !== 'date').sort(),
        ]))
      }
    }
    expect(new Set(answers).size).toBe(1)
    expect(JSON.parse(answers[0]!).slice(0, 2)).toEqual([
      404,
      {
        type: 'about:blank',
        title: 'This link does not lead anywhere',
        detail: 'This link does not lead anywhere',
        status: 404,
        code: 'link.not_found',
      },
    ])
    expect(await refusals()).toEqual([
      'expired',
      'revoked',
      'used_up',
      'suspended',
    ])
    expect(await auditOf(test, workspace.id, 'link.opened')).toEqual([])
  })

  it('ends at the very millisecond of its expiry', async () => {
    onTestFinished(() => test.clock.set(null))
    const at = Date.now() + 60_000
    const link = await create({
      expiresAt: new Date(at).toISOString(),
    })
    test.clock.set(new Date(at - 1))
    expect((await visit(link.token)).status).toBe(200)
    expect((await claim(link.token)).status).toBe(200)
    test.clock.set(new Date(at))
    expect((await visit(link.token)).status).toBe(404)
    expect((await claim(link.token)).status).toBe(404)
  })

  it('stops at once when its creator may no longer share, and goes on when they may again', async () => {
    const link = await create()
    const grant = (role: 'viewer' | 'editor') => test.deps.db.update(grants).set({ role }).where(eq(grants.userId, editor.id))
    const ticket = (await claim(link.token, report.id)).body.url
    await grant('viewer')
    expect((await visit(link.token)).status).toBe(404)
    expect((await fetchTicket(ticket)).status).toBe(404)
    expect((await stateOf(link)).state).toBe('suspended')
    await grant('editor')
    expect((await visit(link.token)).status).toBe(200)
    expect((await fetchTicket(ticket)).status).toBe(200)
    await test.deps.db.delete(members).where(eq(members.userId, editor.id))
    expect((await visit(link.token)).status).toBe(404)
    expect(await refusals()).toEqual(['suspended'])
  })

  it('keeps what is left when some of its items go to the trash', async () => {
    const link = await create()
    const ticket = (await claim(link.token)).body.url
    await test.deps.db.update(items).set({
      trashedAt: new Date(),
    }).where(eq(items.id, folder.id))
    expect((await visit(link.token)).body.items.map((item: { id: string }) => item.id)).toEqual([report.id])
    expect((await claim(link.token, deep.id)).status).toBe(404)
    expect((await fetchTicket(ticket)).status).toBe(404)
    await test.deps.db.update(items).set({
      trashedAt: new Date(),
    }).where(eq(items.id, report.id))
    expect((await visit(link.token)).status).toBe(404)
  })

  it('does not fill the log', async () => {
    const link = await create()
    await set(link, {
      expiresAt: new Date(0),
    })
    await Promise.all(Array.from({ length: 10 }, () => visit(link.token)))
    expect(await refusals()).toEqual(['expired'])
  })
})

describe('a locked link', () => {
  const password = 'correct horse'

  it('says what it asks for and from whom, and nothing else', async () => {
    const link = await create({ password, title: 'Secret title' })
    const { requestId, ...problem } = (await visit(link.token)).body
    expect(requestId).toBeDefined()
    expect(problem).toEqual({
      type: 'about:blank',
      title: 'This link is locked',
      status: 401,
      detail: 'Enter its password first',
      code: 'link.locked',
      gates: ['password'],
      workspaceName: expect.stringMatching(/^Workspace/),
    })
    for (const answer of [await claim(link.token), await test.call('GET', `/public/links/${link.token}/items?parentId=${folder.id}`), await unlock(link.token)]) expect([answer.status, answer.body.code]).toEqual([401, 'link.locked'])
    expect(await stateOf(link)).toMatchObject({ openCount: 0, downloadCount: 0 })
  })

  it('opens by the grant that its password gives, as a header or a cookie', async () => {
    const link = await create({ password })
    const answer = await unlock(link.token, password)
    expect([answer.status, answer.body.expiresIn]).toEqual([200, 3600])
    const { grant } = answer.body as { grant: string }
    const cookie = String(answer.headers['set-cookie'])
    expect(cookie).toMatch(new RegExp(`^clientshare-link-grant=[^;]+; Max-Age=3600; Path=/api/v1/public/links/${link.token}; HttpOnly; SameSite=Strict$`))
    expect((await visit(link.token, { 'x-link-grant': grant })).status).toBe(200)
    expect((await visit(link.token, { cookie: cookie.split(';')[0]! })).status).toBe(200)
    expect((await claim(link.token, report.id, { 'x-link-grant': grant })).status).toBe(200)
    // However often the right one is entered.
    for (let n = 0; n < 3; n++) expect((await unlock(link.token, password)).status).toBe(200)
    expect((await auditOf(test, workspace.id, 'link.unlocked'))).toHaveLength(1)
  })

  it('opens by no other grant: tampered, of another link, of an older password, of a session', async () => {
    const [link, other] = [await create({ password }), await create({ password })]
    const grant = (await unlock(link.token, password)).body.grant as string
    const [header, payload, signature] = grant.split('.')
    const forged = Buffer.from(JSON.stringify({
      ...JSON.parse(Buffer.from(payload!, 'base64url').toString()),
      sub: other.id,
    })).toString('base64url')
    for (const [token, bad] of [
      [other.token, grant],
      [other.token, `${header}.${forged}.${signature}`],
      [link.token, `${header}.${payload}.${signature!.slice(0, -2)}xx`],
      [link.token, `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`],
      [link.token, owner.token],
      [link.token, 'nonsense'],
    ] as const) expect((await visit(token, { 'x-link-grant': bad })).body.code).toBe('link.locked')

    const patch = (body: unknown) => test.call('PATCH', `/workspaces/${workspace.id}/links/${link.id}`, { token: editor.token, body })
    const ticket = (await claim(link.token, report.id, { 'x-link-grant': grant })).body.url
    await patch({ title: 'Renamed' })
    expect((await visit(link.token, { 'x-link-grant': grant })).status).toBe(200)
    expect((await fetchTicket(ticket)).status).toBe(200)
    await patch({ password })
    expect((await visit(link.token, { 'x-link-grant': grant })).body.code).toBe('link.locked')
    expect((await fetchTicket(ticket)).status).toBe(404)
    await patch({ password: null })
    expect((await visit(link.token)).status).toBe(200)
  })

  it('slows guesses down, also those made at once', async () => {
    onTestFinished(() => test.clock.set(null))
    test.clock.set(new Date())
    const link = await create({ password })
    const wrong = await unlock(link.token, 'wrong')
    expect([wrong.status, wrong.body.code]).toEqual([401, 'link.wrong_password'])
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => unlock(link.token, `guess ${n}`)))
    const tried = answers.filter(answer => answer.status === 401).length
    const refused = answers.filter(answer => answer.status === 429)
    expect(tried).toBeLessThanOrEqual(5)
    expect(refused.length).toBe(20 - tried)
    expect(Number(refused[0]!.headers['retry-after'])).toBeGreaterThan(0)
    expect((await unlock(link.token, password)).status).toBe(429)
    expect(await refusals()).toEqual(['wrong_password'])
    test.clock.advance(3_600_000)
    expect((await unlock(link.token, password)).status).toBe(200)
  })

  it('without a password unlocks for anybody', async () => {
    const link = await create()
    expect((await unlock(link.token)).status).toBe(200)
    expect((await unlock(link.token, 'whatever')).status).toBe(200)
  })
})

describe('a download', () => {
  it('gives one file as it is, everything else as an archive, and is noted and counted once each', async () => {
    const link = await create()
    const whole = await fetchTicket((await claim(link.token)).body.url)
    expect(whole.headers['content-type']).toBe('application/zip')
    expect((await readZip(whole.raw)).map(entry => entry.name).sort()).toEqual([
      'Photos/',
      'Photos/Raw/',
      'Photos/Raw/deep.jpg',
      'Report.pdf',
    ])
    const one = await fetchTicket((await claim(link.token, deep.id)).body.url)
    expect([
      one.raw.toString(),
      one.headers['content-type'],
    ]).toEqual(['deep bytes', 'text/plain'])
    const below = await fetchTicket((await claim(link.token, sub.id)).body.url)
    expect(below.headers['content-disposition']).toContain('Raw.zip')
    expect((await readZip(below.raw)).map(entry => entry.name)).toEqual(['Raw/', 'Raw/deep.jpg'])
    expect((await stateOf(link)).downloadCount).toBe(3)
    const events = await auditOf(test, workspace.id, 'link.downloaded')
    expect(events.map(event => event.details.downloadCount)).toEqual([1, 2, 3])
    expect(events[1]).toMatchObject({
      actor: { kind: 'visitor' },
      origin: { via: 'link' },
      details: {
        kind: 'file',
        items: [
          { id: deep.id, kind: 'file', name: 'deep.jpg' },
        ],
        itemCount: 1,
        parentId: sub.id,
        parentName: 'Raw',
        version: 1,
        fileCount: 1,
        linkFileCount: 2,
        sizeBytes: 'deep bytes'.length,
      },
    })
    expect(events[0]!.details).toMatchObject({ kind: 'archive', fileCount: 2, linkFileCount: 2 })
    expect(events[2]!.details).toMatchObject({ kind: 'archive', fileCount: 1, linkFileCount: 2 })
    expect(await auditOf(test, workspace.id, 'file.')).toEqual([])
    // Whoever looks for the file finds who took it, whatever the link is called.
    const found = (await test.call('GET', `/workspaces/${workspace.id}/audit?action=link.downloaded&q=${encodeURIComponent(deep.name)}`, { token: workspace.owner.token })).body.items as { seq: number }[]
    expect(found.map(({ seq }) => seq)).toContain(events[1]!.seq)
    // A file counts its own downloads, not its link's.
    const countOf = async (fileId: string) => (await test.call('GET', `/files/${fileId}/downloads`, { token: workspace.owner.token })).body
    expect(await countOf(deep.id)).toMatchObject({
      count: 3,
      links: [
        { linkId: link.id, count: 3 },
      ],
    })
    expect(await countOf(report.id)).toMatchObject({
      count: 1,
      links: [
        { linkId: link.id, count: 1 },
      ],
    })
    // A client's people may see the file, and are not told that others were given it.
    const client = await addMember(test, workspace, 'client', { spaceRole: 'viewer' })
    expect((await test.call('GET', `/items/${deep.id}`, { token: client.token })).status).toBe(200)
    expect(await test.call('GET', `/files/${deep.id}/downloads`, { token: client.token })).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
    await test.call('POST', `/workspaces/${workspace.id}/archives`, {
      token: workspace.owner.token,
      body: {
        itemIds: [folder.id],
      },
    })
    expect((await countOf(deep.id)).count).toBe(4)

    const single = await create({
      itemIds: [report.id],
    })
    const answer = await fetchTicket((await claim(single.token)).body.url)
    expect([
      answer.raw.toString(),
      answer.headers['content-type'],
    ]).toEqual(['the report', 'application/pdf'])
  })

  it('is called by the link when it is all of it, else by what it brings, and the answer says how', async () => {
    const named = async (input: Partial<LinkInput>, itemId?: string) => {
      const { body } = await claim((await create(input)).token, itemId)
      const { headers } = await fetchTicket(body.url)
      expect(headers['content-disposition']).toBe(attachment(body.name))
      return body.name
    }
    const both = [report.id, folder.id]
    expect(await named({ itemIds: both, title: 'Signed set: 2026/27' })).toBe('Signed set_ 2026_27.zip')
    expect(await named({ itemIds: both })).toMatch(/^Workspace \d+ \d{4}-\d\d-\d\d\.zip$/)
    expect(await named({ itemIds: both, title: 'Signed set' }, folder.id)).toBe('Photos.zip')
    expect(await named({
      itemIds: [folder.id],
    })).toBe('Photos.zip')
    expect(await named({
      itemIds: [folder.id],
      title: 'Site visit',
    })).toBe('Site visit.zip')
    expect(await named({
      itemIds: [folder.id],
      title: 'Site visit',
    }, sub.id)).toBe('Raw.zip')
    expect(await named({
      itemIds: [report.id],
      title: 'The report',
    })).toBe('Report.pdf')
    expect(await named({ itemIds: both, title: 'Signed set' }, report.id)).toBe('Report.pdf')
  })

  it('never reaches outside the link, and then counts nothing', async () => {
    const link = await create({
      itemIds: [folder.id],
      maxDownloads: 1,
    })
    const other = await createWorkspace(test)
    const foreign = await createFile(test, other, { name: 'foreign', content: 'x' })
    for (const id of [
      outside.id,
      report.id,
      workspace.rootId,
      foreign.id,
      '01900000-0000-7000-8000-000000000000',
    ]) {
      const answer = await claim(link.token, id)
      expect([answer.status, answer.body.code]).toEqual([404, 'link.not_found'])
    }
    expect((await claim(link.token, 'nonsense')).status).toBe(400)
    expect((await stateOf(link)).downloadCount).toBe(0)
    expect((await claim(link.token, deep.id)).status).toBe(200)
  })

  it('of a link limited to one: of 50 at once exactly one', async () => {
    const link = await create({ maxDownloads: 1 })
    const answers = await Promise.all(Array.from({ length: 50 }, () => claim(link.token)))
    expect(answers.filter(answer => answer.status === 200)).toHaveLength(1)
    expect(answers.filter(answer => answer.status === 404 && answer.body.code === 'link.not_found')).toHaveLength(49)
    expect(await stateOf(link)).toMatchObject({ downloadCount: 1, state: 'used_up' })
    expect(await auditOf(test, workspace.id, 'link.downloaded')).toHaveLength(1)
    expect(await test.deps.db.select().from(downloadTickets).where(eq(downloadTickets.linkId, link.id))).toHaveLength(1)
    const claimed = answers.find(answer => answer.status === 200)!
    expect((await visit(link.token)).status).toBe(404)
    expect((await fetchTicket(claimed.body.url, cookieOf(claimed))).status).toBe(200)
  })

  it('with a good grant is had while staff take the password away, however close', async () => {
    const link = await create({ password: 'correct horse battery' })
    const { passwordHash } = (await test.deps.db.select().from(links).where(eq(links.id, link.id)))[0]!
    let claimed = 0
    for (let gateRevision = 1; gateRevision <= (isSoak ? 40 : 10); gateRevision += 2) {
      await set(link, { passwordHash, gateRevision })
      const grant = test.app.tokens.signLinkGrant({ linkId: link.id, gateRevision })
      const claims = Array.from({ length: 6 }, () => claim(link.token, report.id, { 'x-link-grant': grant }))
      const opened = await test.call('PATCH', `/workspaces/${workspace.id}/links/${link.id}`, {
        token: owner.token,
        body: { password: null },
      })
      expect(opened.status).toBe(200)
      for (const { status, body } of await Promise.all(claims)) {
        expect([status, body.code]).toEqual([200, undefined])
        expect((await fetchTicket(body.url)).status).toBe(200)
        claimed++
      }
    }
    expect(await stateOf(link)).toMatchObject({ downloadCount: claimed, state: 'active' })
  })

  it('of a limited link is one copy, for who claimed it', async () => {
    const link = await create({ maxDownloads: 3 })
    const claimed = await claim(link.token, report.id)
    const { pathname } = new URL(claimed.body.url)
    expect(String(claimed.headers['set-cookie'])).toMatch(new RegExp(`^clientshare-download=[\\w-]{43}; Max-Age=86400; Path=${pathname}; HttpOnly; SameSite=Strict$`))
    expect(claimed.body).toEqual({
      url: expect.any(String),
      expiresAt: expect.any(String),
      name: 'Report.pdf',
    })
    const [other, { grant }] = [await claim(link.token, report.id), (await unlock(link.token)).body]
    for (const headers of [
      {},
      cookieOf(other),
      { 'x-link-grant': grant },
      { cookie: 'clientshare-download=' },
    ] as Record<string, string>[]) {
      const answer = await fetchTicket(claimed.body.url, headers)
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
    }
    expect((await test.app.inject({
      method: 'HEAD',
      url: pathname,
      headers: cookieOf(claimed),
    })).statusCode).toBe(200)
    expect((await fetchTicket(claimed.body.url, {
      ...cookieOf(claimed),
      'if-match': '"another"',
    })).status).toBe(412)
    const given = []
    for (let n = 0; n < 20; n++) given.push((await fetchTicket(claimed.body.url, cookieOf(claimed))).status)
    expect(given).toEqual([
      200,
      ...Array.from({ length: 19 }).fill(404),
    ])

    // A program brings the grant again that it claimed with, and no other one.
    const byGrant = await claim(link.token, report.id, { 'x-link-grant': grant })
    expect((await fetchTicket(byGrant.body.url, { 'x-link-grant': (await unlock(link.token)).body?.grant ?? '' })).status).toBe(404)
    const pieces = []
    for (const range of [
      'bytes=4-',
      'bytes=0-3',
      'bytes=0-3',
      'bytes=4-',
    ]) pieces.push((await fetchTicket(byGrant.body.url, { 'x-link-grant': grant, range })).raw.toString())
    expect(pieces.slice(0, 2)).toEqual(['report', 'the '])
    expect(pieces.slice(2).every(piece => piece.includes('This download has ended'))).toBe(true)
  })

  it('of a limited link that is an archive, or has no bytes, is one copy too', async () => {
    const empty = await createFile(test, workspace, { name: 'empty', content: '', parentId: folder.id })
    const link = await create({ maxDownloads: 2 })
    for (const id of [undefined, empty.id]) {
      const claimed = await claim(link.token, id)
      expect((await fetchTicket(claimed.body.url, cookieOf(claimed))).status).toBe(200)
      expect((await fetchTicket(claimed.body.url, cookieOf(claimed))).status).toBe(404)
    }
  })

  it('of a limited link may be gone on with for an hour of rest, and is begun anew three times', async () => {
    const large = await createFile(test, workspace, {
      name: 'large.bin',
      content: 'x'.repeat(20_000_000),
      parentId: folder.id,
    })
    await test.app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = test.app.server.address() as AddressInfo
    onTestFinished(() => test.clock.set(null))
    const claimLarge = async () => {
      const claimed = await claim((await create({ maxDownloads: 1 })).token, large.id)
      const { pathname } = new URL(claimed.body.url)
      const ask = (headers: Record<string, string> = {}) => fetch(`http://127.0.0.1:${port}${pathname}`, {
        headers: {
          ...cookieOf(claimed),
          ...headers,
        },
      })
      return {
        ask,
        /** Takes the first bytes and goes. */
        async breakOff(headers?: Record<string, string>) {
          const { status, body } = await ask(headers)
          const reader = body!.getReader()
          await reader.read()
          await reader.cancel()
          return status
        },
      }
    }

    const anew = await claimLarge()
    const begun = []
    for (let n = 0; n < 6; n++) begun.push(await anew.breakOff())
    expect(begun).toEqual([200, 200, 200, 200, 404, 404])

    const resumed = await claimLarge()
    expect(await resumed.breakOff()).toBe(200)
    for (let n = 1; n <= 8; n++) {
      test.clock.advance(50 * 60_000)
      expect(await resumed.breakOff({ range: `bytes=${n * 2_000_000}-` })).toBe(206)
    }
    const rest = await resumed.ask({ range: 'bytes=17000000-' })
    expect([rest.status, (await rest.arrayBuffer()).byteLength]).toEqual([206, 3_000_000])
    expect((await resumed.ask()).status).toBe(404)

    const rested = await claimLarge()
    test.clock.set(test.clock.now())
    const reader = (await rested.ask()).body!.getReader()
    await reader.read()
    test.clock.advance(60_000)
    await reader.cancel()
    // The rest begins when the server has noticed.
    await expect.poll(async () => (await test.deps.db.select({
      last: max(downloadTickets.expiresAt),
    }).from(downloadTickets))[0]!.last?.getTime()).toBe(test.clock.now().getTime() + 60 * 60_000)
    test.clock.advance(61 * 60_000)
    expect((await rested.ask({ range: 'bytes=1000000-' })).status).toBe(404)
  })

  it('of a link without a limit may be had again by whoever has its address', async () => {
    const claimed = await claim((await create()).token, report.id)
    expect(claimed.headers['set-cookie']).toBeUndefined()
    for (let n = 0; n < 5; n++) expect((await fetchTicket(claimed.body.url)).status).toBe(200)
  })

  it('of a file that is not what was uploaded is not counted', async () => {
    const bad = await createFile(test, workspace, {
      name: 'bad.pdf',
      content: 'x',
      parentId: sub.id,
      integrity: 'failed',
    })
    const link = await create({ maxDownloads: 1 })
    for (const id of [bad.id, sub.id, undefined]) {
      const answer = await claim(link.token, id)
      expect([answer.status, answer.body.code]).toEqual([409, 'file.corrupt'])
    }
    expect((await stateOf(link)).downloadCount).toBe(0)
    expect((await claim(link.token, report.id)).status).toBe(200)
  })

  it('ends when the link is revoked, expires, or no longer leads there', async () => {
    const claimed = async () => {
      const link = await create()
      return { link, url: (await claim(link.token, deep.id)).body.url as string }
    }
    const [revoked, expired, emptied] = [await claimed(), await claimed(), await claimed()]
    await test.call('DELETE', `/workspaces/${workspace.id}/links/${revoked.link.id}`, { token: owner.token })
    await set(expired.link, {
      expiresAt: new Date(0),
    })
    await test.call('PATCH', `/workspaces/${workspace.id}/links/${emptied.link.id}`, {
      token: owner.token,
      body: {
        itemIds: [report.id],
      },
    })
    for (const { url } of [revoked, expired, emptied]) {
      const answer = await fetchTicket(url)
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
    }
  })
})
