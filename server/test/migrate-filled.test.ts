import type { Snapshot } from './filled/snapshot.ts'
import type { TestApp } from './test-app.ts'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { dataSteps } from '../src/data-steps.ts'
import { migrate } from '../src/db/migrate.ts'
import { auditChains } from '../src/features/audit/audit.table.ts'
import { createTestDatabase } from './database.ts'
import { OPERATOR, PASSWORD } from './filled/fill.ts'
import { loadTables, putFiles } from './filled/snapshot.ts'
import { isSoak } from './soak.ts'
import { createTestApp } from './test-app.ts'
import { findViolations } from './violations.ts'

const folder = new URL('filled/', import.meta.url)
const snapshots = readdirSync(folder).filter(name => name.endsWith('.json')).map((name): [string, Snapshot] => [
  name.slice(0, -'.json'.length),
  JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Snapshot,
])

it('keeps what the last migration left, for the next one', () => {
  const { entries } = JSON.parse(readFileSync(new URL('../../migrations/meta/_journal.json', import.meta.url), 'utf8')) as { entries: { tag: string }[] }
  expect(snapshots.map(([name]) => name), 'node scripts/keep-filled.ts').toContain(entries.at(-1)!.tag)
})

/** The newest server on what an older one left behind, a minute later. */
async function useMigrated(snapshot: Snapshot): Promise<TestApp> {
  const database = await createTestDatabase({ empty: true })
  const dataDir = mkdtempSync(join(tmpdir(), 'clientshare-filled-'))
  putFiles(dataDir, snapshot.files)
  await migrate(database.url, dataSteps, { until: snapshot.migration })
  const client = new pg.Client(database.url)
  await client.connect()
  await loadTables(client, snapshot.tables).finally(() => client.end())
  await migrate(database.url, dataSteps)
  const test = await createTestApp({
    database,
    env: { STORAGE: 'local', DATA_DIR: dataDir, SECRET_KEY: snapshot.secretKey },
  })
  onTestFinished(async () => {
    await test.close()
    rmSync(dataDir, { recursive: true, force: true })
  })
  test.clock.set(new Date(Date.parse(snapshot.madeAt) + 60_000))
  return test
}

const rowsOf = (snapshot: Snapshot, table: string) => snapshot.tables[table]!
const named = (rows: Record<string, unknown>[], name: string) => rows.find(row => row.name === name)!

it('has a snapshot at all', () => {
  expect(snapshots.map(([name]) => name)).toContain('0002_checksums')
})

/** The oldest, and what the last two landings left; all of them in the soak. */
const tried = isSoak
  ? snapshots
  : snapshots.toSpliced(1, snapshots.length - 3)

it.each(tried)('brings a database that %s filled to the newest schema, and serves from it', async (_name, snapshot) => {
  const test = await useMigrated(snapshot)
  const { db, auditTrail } = test.deps
  expect(await findViolations(test.deps, { idle: false })).toEqual([])

  // The chains hold, with as many events as there were.
  const chains = await db.select().from(auditChains)
  expect(chains).toHaveLength(rowsOf(snapshot, 'audit_chains').length)
  for (const { id, seq } of rowsOf(snapshot, 'audit_chains')) expect(await auditTrail.verify(id as string)).toMatchObject({ events: seq, brokenAt: null })

  // What was kept for ever stays kept until an operator chooses; who begins with the newest version begins with its default.
  expect((await test.call('GET', '/instance')).body.trashDays).toBe('retention_settings' in snapshot.tables
    ? 30
    : null)

  const login = async (email: string) => (await test.call('POST', '/auth/login', {
    body: { email, password: PASSWORD },
  })).body.accessToken as string
  const olga = await login(OPERATOR)
  const harbour = named(rowsOf(snapshot, 'workspaces'), 'Harbour').id as string
  const root = rowsOf(snapshot, 'items').find(item => item.workspace_id === harbour && item.parent_id === null)!.id as string
  const read = async (path: string, token = olga) => {
    const { status, body } = await test.call('GET', path, { token })
    expect([path, status, body.detail]).toEqual([path, 200, undefined])
    return body
  }

  const log = await read(`/workspaces/${harbour}/audit?limit=200`)
  expect(log.items.length).toBeGreaterThan(30)
  expect(log.items.filter((event: { action: string }) => event.action === 'file.uploaded').map((event: { actor: { name: string }, subject: { name: string } }) => `${event.actor.name}: ${event.subject.name}`)).toContain('Sam Staff: Offer.txt')
  expect((await read('/admin/audit')).items.map((event: { action: string }) => event.action)).toContain('instance.set_up')

  const list = await read(`/workspaces/${harbour}/items?parentId=${root}`)
  expect(list.items.map((item: { name: string }) => item.name).sort()).toEqual([
    'Contracts',
    'Film.bin',
    'Note.txt',
    'Offer.txt',
  ])
  expect((await read(`/workspaces/${harbour}/items?q=${encodeURIComponent('TXT óffer')}`)).items.map((item: { name: string }) => item.name)).toEqual(['Offer.txt'])
  const offer = named(list.items, 'Offer.txt').id as string
  expect((await test.call('GET', `/files/${offer}/content`, { token: olga })).raw.toString()).toBe('The second offer, which is better.')
  expect((await read(`/files/${offer}/versions`)).items).toHaveLength(2)
  expect((await read(`/workspaces/${harbour}/trash`)).items.map((item: { name: string }) => item.name).sort()).toEqual(['Draft.txt', 'Empty'])
  expect((await read(`/workspaces/${harbour}/uploads`, await login('sam@example.com'))).items).toHaveLength(2)
  expect((await read(`/workspaces/${harbour}/members`)).items.map((member: { name: string }) => member.name).sort()).toEqual(['Ana Admin', 'Olga Operator', 'Sam Staff'])
  expect((await read(`/workspaces/${harbour}/invitations`)).items.length).toBeGreaterThan(0)
  // Those whose address is not confirmed are seen by nobody; before that there were none.
  expect((await read('/admin/requests')).items).toHaveLength(snapshot.tables.requests!.filter(row => row.received_at !== null).length)
  expect((await read('/public/policies')).items).toHaveLength(1)
  // What was published before there were languages is English, unchanged.
  for (const [version, markdown] of [
    ['', '# Privacy\n\nWhat we do with data, in more words.'],
    ['/versions/1', '# Privacy\n\nWhat we do with data.'],
  ]) {
    expect(await read(`/public/policies/privacy${version}?language=en`)).toMatchObject({
      language: 'en',
      markdown,
      sha256: createHash('sha256').update(markdown!).digest('hex'),
    })
  }
  const { items: written } = await read('/admin/policies')
  expect(written.find((policy: { slug: string }) => policy.slug === 'drafted').drafts).toMatchObject([
    { language: 'en', title: 'Only a draft' },
  ])

  // A link that an older version sealed is opened by its key, and leads where it led.
  const { items: links } = await read(`/workspaces/${harbour}/links`)
  const contracts = links.find((link: { title: string }) => link.title === 'The contracts')
  expect(contracts.downloadCount).toBe(2)
  expect((await read(`/workspaces/${harbour}/links?q=${encodeURIComponent('CONTRÁCTS')}`)).items.map((link: { title: string }) => link.title)).toContain('The contracts')
  // What files, folders and links tell of themselves was told before there was a place for it.
  const actionsOf = async (path: string) => (await read(`${path}/activity`)).items.map((event: { action: string }) => event.action)
  expect(await actionsOf(`/items/${offer}`)).toEqual(expect.arrayContaining(['file.uploaded', 'file.version_added']))
  expect(await actionsOf(`/items/${named(list.items, 'Contracts').id as string}`)).toEqual(expect.arrayContaining(['folder.created', 'link.created']))
  expect(await actionsOf(`/items/${root}`)).toContain('file.uploaded')
  expect(await actionsOf(`/workspaces/${harbour}/links/${contracts.id}`)).toEqual(expect.arrayContaining(['link.created', 'link.downloaded']))
  const annex = links.find((link: { title: string }) => link.title === 'Annex A alone')
  const visit = await test.call('POST', `/public/links/${annex.url.split('/').at(-1)}/unlock`, {
    body: { password: 'open sesame' },
  })
  expect(visit.status).toBe(200)

  // And what is done now goes on where the older version stopped.
  const made = await test.call('POST', `/workspaces/${harbour}/folders`, {
    token: olga,
    body: { parentId: root, name: 'New' },
  })
  expect(made.status).toBe(201)
  const before = rowsOf(snapshot, 'audit_chains').find(chain => chain.id === harbour)!.seq as number
  const after = await auditTrail.verify(harbour)
  expect(after.brokenAt).toBeNull()
  expect(after.events).toBeGreaterThan(before)
  expect(await findViolations(test.deps, { idle: false })).toEqual([])
})
