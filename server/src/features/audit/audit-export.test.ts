import type { TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { AuditEvent } from './audit.schemas.ts'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { anyEvent, auditOf } from '../../../test/audit-log.ts'
import { addMember, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { systemCaller } from '../../http/caller.ts'
import { csvCell, exportStream } from './audit-export.ts'

let test: TestApp
let workspace: TestWorkspace
beforeAll(async () => { test = await createTestApp() })
beforeEach(async () => { workspace = await createWorkspace(test) })
afterEach(() => test.clock.set(null))
afterAll(() => test.close())

const record = (count: number, name = 'Report.pdf', action = 'file.uploaded') => test.deps.audit.recordAlone(systemCaller, ...Array.from({ length: count }, (_, n) => anyEvent({
  workspaceId: workspace.id,
  action,
  subject: {
    kind: 'file',
    id: null,
    name: count > 1
      ? `${name} ${n}`
      : name,
  },
  details: { version: 1, sizeBytes: n },
})))
const exported = (query: string, token = workspace.owner.token) => test.call('GET', `/workspaces/${workspace.id}/audit/export?${query}`, { token })
const pathOf = (url: string) => url.slice(url.indexOf('/api/v1') + '/api/v1'.length)

/** Reads RFC 4180, strictly. */
function readCsv(text: string): string[][] {
  expect(text.startsWith('\uFEFF')).toBe(true)
  const rows: string[][] = [[]]
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy
  cell.lastIndex = 1
  for (let match = cell.exec(text); match; match = cell.exec(text)) {
    rows.at(-1)!.push((match[1] ?? match[2]!).replaceAll('""', '"'))
    if (match[3] === '\r\n') rows.push([])
  }
  expect(rows.pop()).toEqual([])
  return rows
}

describe('an exported log', () => {
  it('has every event that fits, over many pages, newest first, as JSON Lines', async () => {
    await record(1203)
    const { headers, raw } = await exported('format=jsonl&action=file.*')
    expect(headers['content-type']).toBe('application/jsonl; charset=utf-8')
    const events = raw.toString().trimEnd().split('\n').map(line => JSON.parse(line) as { seq: number, action: string })
    expect(events.map(event => event.seq)).toEqual(Array.from({ length: 1203 }, (_, n) => 1203 - n))
    const listed = await test.call('GET', `/workspaces/${workspace.id}/audit?action=file.*&limit=200`, { token: workspace.owner.token })
    expect(events.slice(0, 200)).toEqual(listed.body.items)
  })

  it('is a CSV that spreadsheets read as text, whatever names people give', async () => {
    const hostile = [
      '=HYPERLINK("http://x.example","y")',
      '+1+1',
      '-2+3',
      '@SUM(A1)',
      'Mozilla;=cmd|\'/C calc\'!A0;x',
      'a\t-1 | +2',
      '\tTab',
      '＝cmd',
      'a "quoted", name',
      'two\r\nlines',
      'Ä 名前 😀',
      '',
    ]
    for (const name of hostile) await record(1, name)
    const { headers, raw } = await exported('format=csv&action=file.uploaded')
    expect(headers['content-type']).toContain('text/csv')
    const [names, ...rows] = readCsv(raw.toString())
    expect(names).toContain('subject')
    const subjects = rows.map(row => row[names!.indexOf('subject')]!)
    expect(subjects.toReversed()).toEqual([
      '\'=HYPERLINK("http://x.example","y")',
      '\'+1+1',
      '\'-2+3',
      '\'@SUM(A1)',
      // Where spreadsheets part cells at another sign, one begins in the middle.
      'Mozilla;\'=cmd|\'/C calc\'!A0;x',
      'a\t\'-1 | \'+2',
      '\'\tTab',
      '\'＝cmd',
      ...hostile.slice(8),
    ])
    expect(rows.every(row => row.length === names!.length)).toBe(true)
    expect(JSON.parse(rows[0]![names!.indexOf('details')]!)).toEqual({ version: 1, sizeBytes: 0 })
  })

  it.each([
    '=1',
    '+1',
    '-1',
    '@x',
    '\tx',
    '\rx',
    '\nx',
    '＝1',
    '＋1',
    '－1',
    '＠x',
  ])('keeps %j from being a formula', (text) => {
    expect(csvCell(text)).toBe(`"'${text}"`)
  })

  it('is named after the workspace and the day, and recorded with what was asked', async () => {
    test.clock.set(new Date('2026-03-04T23:59:00Z'))
    await record(2)
    const since = '2026-01-01T00:00:00Z'
    const { headers } = await exported(`format=csv&action=link.*,file.uploaded&q=Rep&from=${since}`)
    expect(headers['content-disposition']).toMatch(/^attachment; filename=".* activity 2026-03-04\.csv"$/)
    const [event, ...more] = await auditOf(test, workspace.id, 'audit.')
    expect(more).toEqual([])
    expect(event).toMatchObject({
      actorId: workspace.owner.id,
      subject: { kind: 'workspace', id: workspace.id },
      details: {
        format: 'csv',
        actions: ['link.*', 'file.uploaded'],
        since,
        search: 'Rep',
      },
    })
  })

  it.each([
    ['no format', 'action=file.*'],
    ['another format', 'format=xlsx'],
    ['no action', 'format=csv&action=file.eaten'],
    ['a page', 'format=csv&limit=3'],
  ])('refuses %s, and records nothing', async (_what, query) => {
    const answer = await exported(query)
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid'])
    expect(await auditOf(test, workspace.id, 'audit.')).toEqual([])
  })

  it('is not exported by HEAD', async () => {
    const { status, headers, raw } = await test.call('HEAD', `/workspaces/${workspace.id}/audit/export?format=csv`, { token: workspace.owner.token })
    expect([status, raw.length]).toEqual([200, 0])
    expect(headers['content-type']).toContain('text/csv')
    expect(await auditOf(test, workspace.id, 'audit.')).toEqual([])
  })

  it('of the instance is the operators’', async () => {
    const operator = await setUpInstance(test)
    const answer = await test.call('GET', '/admin/audit/export?format=jsonl', { token: operator.token })
    expect(answer.raw.toString()).toContain('"audit.exported"')
    expect((await test.call('GET', '/admin/audit/export?format=jsonl', { token: workspace.owner.token })).status).toBe(403)
  })

  it('is read no faster than it is taken, and no further once its reader left', async () => {
    let read = 0
    let ended = false
    const event = {
      seq: 1,
      details: {},
      note: 'x'.repeat(100_000),
    } as unknown as AuditEvent
    async function* pages() {
      try {
        for (; read < 1000; read++) yield [event]
      }
      finally {
        ended = true
      }
    }
    const file = exportStream(pages(), 'jsonl')
    await once(file, 'readable')
    file.read(10)
    expect(read).toBeLessThan(5)
    file.destroy()
    await once(file, 'close')
    await expect.poll(() => ended, { timeout: 60_000 }).toBe(true)
    expect(read).toBeLessThan(5)
  })
})

describe('an address of an export', () => {
  const create = async (token = workspace.owner.token) => test.call('POST', `/workspaces/${workspace.id}/audit/exports`, {
    token,
    body: {
      format: 'jsonl',
      action: ['file.*'],
    },
  })

  it('gives the file without a header, and is one event', async () => {
    await record(3)
    const { body } = await create()
    const file = await test.call('GET', pathOf(body.url), {})
    expect(file.raw.toString().trimEnd().split('\n')).toHaveLength(3)
    expect(await auditOf(test, workspace.id, 'audit.')).toHaveLength(1)
  })

  it('ends with its time, with the role, and with the session', async () => {
    const admin = await addMember(test, workspace, 'admin')
    const { body } = await create(admin.token)
    const status = async () => (await test.call('GET', pathOf(body.url), {})).status
    expect(await status()).toBe(200)
    const members = await test.call('GET', `/workspaces/${workspace.id}/members`, { token: workspace.owner.token })
    const seat = members.body.items.find((member: { userId: string }) => member.userId === admin.id)
    await test.call('PATCH', `/workspaces/${workspace.id}/members/${seat.id}`, {
      token: workspace.owner.token,
      body: { role: 'staff' },
    })
    expect(await status()).toBe(404)
    await test.call('PATCH', `/workspaces/${workspace.id}/members/${seat.id}`, {
      token: workspace.owner.token,
      body: { role: 'admin' },
    })
    expect(await status()).toBe(200)
    test.clock.set(new Date(Date.now() + 301_000))
    expect(await status()).toBe(404)
  })

  it('is nobody’s who made it up', async () => {
    for (const ticket of ['x', workspace.owner.token, 'a.b.c']) {
      const answer = await test.call('GET', `/audit-exports?ticket=${ticket}`, {})
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
    }
  })
})
