import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { MailApp } from '../../../test/mail-app.ts'
import type { TestSmtp } from '../../../test/smtp-server.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { randomUUIDv7 } from 'node:crypto'
import { eq, inArray, isNotNull, sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { addMember, createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createMailApp } from '../../../test/mail-app.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { mails, mailSuppressions } from '../../mail/mails.table.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { users } from '../users/users.table.ts'

const SIGNAL = new AbortController().signal
const en = { subject: 'Maintenance on Saturday', markdown: 'We are **away** from 8 to 9.' }
const de = { subject: 'Wartung am Samstag', markdown: 'Wir sind von 8 bis 9 **nicht da**.' }
const input = {
  kind: 'service',
  audience: { to: 'everyone' },
  texts: { en, de },
}

let smtp: TestSmtp
let test: TestApp
let operator: TestUser
let close: MailApp['close']
let workspace: TestWorkspace

beforeAll(async () => {
  ;({ smtp, test, operator, close } = await createMailApp({ perMinute: 100_000 }))
  workspace = await createWorkspace(test)
})
afterAll(() => close())

const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object, headers?: Record<string, string>) =>
  test.call(method, `/admin/announcements${path}`, { token: operator.token, body, headers })
const draft = async (change: object = {}) => (await call('POST', '', {
  ...input,
  ...change,
})).body
const own = async ({ token }: TestUser, language = '') => (await test.call('GET', `/me/announcements${language && `?language=${language}`}`, { token })).body.items

async function many(count: number, name: string): Promise<string[]> {
  // In the order in which they are written to.
  const ids = Array.from({ length: count }, () => randomUUIDv7()).sort()
  const rows = ids.map((id, n) => ({
    id,
    name: `${name} ${n}`,
    email: `${name}${n}@many.example`,
    emailKey: `${name}${n}@many.example`,
    locale: n % 3 === 0
      ? 'de'
      : null,
    createdAt: test.deps.clock(),
  }))
  await test.deps.db.insert(users).values(rows)
  return ids
}

it('is a draft that operators write, of a known audience, told with how many it reaches, and the log tells of each step', async () => {
  const { id, ...made } = await draft()
  expect(made).toMatchObject({
    state: 'draft',
    bannerDays: 14,
    at: null,
    progress: {
      waiting: 0,
      sent: 0,
      failed: 0,
      skipped: 0,
    },
  })
  const member = await addMember(test, workspace, 'staff')
  await test.deps.db.update(users).set({ locale: 'de-AT' }).where(eq(users.id, member.id))
  const reach = async (audience: object) => (await call('PATCH', `/${id}`, { audience })).body.reach
  expect(await reach({ to: 'everyone' })).toBe(3)
  expect(await reach({ to: 'admins' })).toBe(1)
  expect(await reach({ to: 'workspace', workspaceId: workspace.id })).toBe(2)
  expect(await reach({ to: 'language', language: 'de' })).toBe(1)
  expect(await reach({ to: 'language', language: 'en' })).toBe(2)
  for (const [change, pointer] of [
    [
      {
        audience: {
          to: 'workspace',
          workspaceId: randomUUIDv7(),
        },
      },
      '/audience/workspaceId',
    ],
    [
      {
        audience: { to: 'language' },
      },
      '/audience/language',
    ],
    [
      { texts: {} },
      '/texts',
    ],
    [
      {
        texts: {
          en: { subject: 'Bcc:\r\nx', markdown: 'x' },
        },
      },
      '/texts/en/subject',
    ],
    [
      { kind: 'gossip' },
      '/kind',
    ],
    // Each item has markup of its own.
    [
      {
        texts: {
          en: {
            ...en,
            markdown: '- a\n\n1. b\n\n'.repeat(900),
          },
        },
      },
      '/texts/en/markdown',
    ],
  ] as const) {
    expect((await call('PATCH', `/${id}`, change)).body.errors).toMatchObject([
      { pointer },
    ])
  }
  const { body: { etag } } = await call('GET', `/${id}`)
  await call('PATCH', `/${id}`, { bannerDays: 3 })
  expect((await call('PATCH', `/${id}`, { bannerDays: 4 }, { 'if-match': etag })).status).toBe(412)
  expect((await call('POST', `/${id}/start`, undefined, { 'if-match': etag })).status).toBe(412)
  expect((await call('POST', `/${id}/stop`)).body.code).toBe('announcement.not_started')
  // Of a language that it is not written in, the other.
  await call('PATCH', `/${id}`, {
    texts: { de },
  })
  const preview = (await call('GET', `/${id}/preview?language=en`)).body
  expect(preview).toMatchObject({
    subject: de.subject,
    text: expect.stringContaining('Betrieb'),
  })
  expect(preview.html).toContain('Wir sind von 8 bis 9 <strong>nicht da</strong>.')
  expect((await call('GET', '?limit=1')).body.items).toMatchObject([
    { id, state: 'draft' },
  ])
  expect((await call('DELETE', `/${id}`)).status).toBe(204)
  expect((await call('GET', `/${id}`)).status).toBe(404)

  const { id: planned } = await draft({
    at: new Date(test.deps.clock().getTime() + 3_600_000).toISOString(),
    audience: { to: 'admins' },
  })
  expect((await call('POST', `/${planned}/start`)).body.state).toBe('scheduled')
  expect((await call('PATCH', `/${planned}`, { bannerDays: 2 })).body.code).toBe('announcement.started')
  expect((await call('DELETE', `/${planned}`)).body.code).toBe('announcement.started')
  await test.deps.announcements.queueDue(SIGNAL)
  expect(await own(workspace.owner)).toEqual([])
  expect((await call('POST', `/${planned}/stop`)).body).toMatchObject({
    state: 'draft',
    startsAt: null,
    progress: { waiting: 0 },
  })
  await call('DELETE', `/${planned}`)
  const told = (await toldEvents(test, inArray(auditEvents.action, [
    'announcement.created',
    'announcement.started',
    'announcement.stopped',
    'announcement.deleted',
  ]))).map(({ action, details }) => [action, details])
  expect(told).toEqual([
    [
      'announcement.created',
      { kind: 'service' },
    ],
    ['announcement.deleted', {}],
    [
      'announcement.created',
      { kind: 'service' },
    ],
    [
      'announcement.started',
      {
        kind: 'service',
        startsAt: expect.any(String),
        people: 1,
      },
    ],
    [
      'announcement.stopped',
      { hadBegun: false },
    ],
    ['announcement.deleted', {}],
  ])
})

it('reaches some hundred people in their languages, each once, though workers fail half-way and two work at once', async () => {
  const ids = await many(450, 'p')
  await test.deps.db.update(users).set({
    disabledAt: test.deps.clock(),
  }).where(eq(users.id, ids[439]!))
  await test.deps.db.update(users).set({ email: 'no mail goes here' }).where(eq(users.id, ids[440]!))
  await test.deps.db.insert(mailSuppressions).values({
    addressKey: 'p9@many.example',
    reply: '550 5.1.1',
    createdAt: test.deps.clock(),
  })
  const { id, reach } = await draft()
  expect(reach).toBe(452)
  await call('POST', `/${id}/start`)
  // Within the second batch the worker is gone: what it had not committed is not there, and what it had is.
  await test.deps.db.execute(sql`create function fail() returns trigger language plpgsql as $$ begin raise 'gone'; end $$`)
  await test.deps.db.execute(sql`create trigger fail before insert on mails for each row when (new.to_key = 'p300@many.example') execute function fail()`)
  await expect(test.deps.announcements.queueDue(SIGNAL)).rejects.toThrow()
  await test.deps.db.execute(sql`drop function fail cascade`)
  expect(await test.deps.db.$count(mails, eq(mails.groupId, id))).toBe(200)
  expect((await call('GET', `/${id}`)).body).toMatchObject({
    state: 'sending',
    progress: { waiting: 452, sent: 0 },
  })
  await Promise.all([
    test.deps.announcements.queueDue(SIGNAL),
    test.deps.announcements.queueDue(SIGNAL),
  ])
  await Promise.all([
    test.deps.mail.sendDue(SIGNAL),
    test.deps.mail.sendDue(SIGNAL),
  ])
  await test.deps.announcements.queueDue(SIGNAL)
  expect((await call('GET', `/${id}`)).body).toMatchObject({
    state: 'sent',
    progress: {
      waiting: 0,
      sent: 450,
      failed: 0,
      skipped: 2,
    },
  })
  const to = smtp.mails.map(each => each.to[0]!)
  expect(to).toHaveLength(450)
  expect(new Set(to).size).toBe(450)
  expect(to).not.toContain('p439@many.example')
  const of = (address: string) => smtp.mails.find(each => each.to[0] === address)!
  expect(of('p3@many.example')).toMatchObject({
    headers: { subject: de.subject },
    text: expect.stringContaining('nicht da'),
  })
  expect(of('p4@many.example').headers.subject).toBe(en.subject)
  // The outcome stands when the outbox has forgotten.
  await test.deps.db.delete(mails)
  expect((await call('GET', '')).body.items[0]).toMatchObject({
    id,
    state: 'sent',
    progress: {
      waiting: 0,
      sent: 450,
      failed: 0,
      skipped: 2,
    },
  })
  await call('POST', `/${id}/stop`)
  await test.deps.db.delete(users).where(inArray(users.id, ids))
})

it('is mailed to whoever asks for a test, in each language', async () => {
  smtp.mails.length = 0
  const { id } = await draft()
  expect((await call('POST', `/${id}/test`)).status).toBe(204)
  await test.deps.mail.sendDue(SIGNAL)
  expect(smtp.mails.map(({ to, headers }) => [to[0], headers.subject]).sort()).toEqual([
    [operator.email, en.subject],
    [operator.email, de.subject],
  ])
  expect((await call('GET', `/${id}`)).body.progress).toMatchObject({ sent: 0, waiting: 0 })
})

it('is shown in the app to those whom it concerns, in their language, until they put it away, its days are over, or it is stopped', async () => {
  const { id } = await draft({
    audience: { to: 'admins' },
    bannerDays: 2,
  })
  expect(await own(workspace.owner)).toEqual([])
  await call('POST', `/${id}/start`)
  const shown = {
    id,
    kind: 'service',
    language: 'en',
    ...en,
    startedAt: expect.any(String),
  }
  expect(await own(workspace.owner)).toEqual([shown])
  expect(await own(workspace.owner, 'de')).toEqual([
    {
      ...shown,
      language: 'de',
      ...de,
    },
  ])
  const stranger = await createUser(test)
  const putAway = (user: TestUser, which: string = id) => test.call('POST', `/me/announcements/${which}/put-away`, { token: user.token })
  expect(await own(stranger)).toEqual([])
  expect((await putAway(stranger)).status).toBe(404)
  expect((await putAway(workspace.owner)).status).toBe(204)
  expect((await putAway(workspace.owner)).status).toBe(204)
  expect(await own(workspace.owner)).toEqual([])

  const second = await draft({ bannerDays: 2 })
  await call('POST', `/${second.id}/start`)
  expect(await own(stranger)).toMatchObject([
    { id: second.id },
  ])
  await call('POST', `/${second.id}/stop`)
  expect(await own(stranger)).toEqual([])
  const third = await draft({ bannerDays: 2 })
  await call('POST', `/${third.id}/start`)
  expect(await own(stranger)).toMatchObject([
    { id: third.id },
  ])
  try {
    test.clock.advance(2 * 86_400_000)
    expect(await own(stranger)).toEqual([])
  }
  finally {
    test.clock.advance(-2 * 86_400_000)
  }
})

it('queues no more than a minute’s worth at once, so that other mail does not wait behind it, and what is not queued can still be stopped', async () => {
  const slow = await useTestApp({
    env: {
      SMTP_URL: smtp.url,
      SMTP_ALLOW_PLAIN: 'true',
      MAIL_FROM: 'files@example.com',
      MAIL_PER_MINUTE: '2',
    },
  })
  const other = await setUpInstance(slow)
  for (let n = 0; n < 4; n++) await createUser(slow)
  const as = (path: string, body?: object) => slow.call('POST', `/admin/announcements${path}`, { token: other.token, body })
  const { body: { id } } = await as('', input)
  await as(`/${id}/start`)
  for (let run = 0; run < 2; run++) await slow.deps.announcements.queueDue(SIGNAL)
  expect(await slow.deps.db.$count(mails, isNotNull(mails.groupId))).toBe(2)
  expect((await as(`/${id}/stop`)).body).toMatchObject({
    state: 'stopped',
    progress: { waiting: 2 },
  })
  await slow.deps.db.update(mails).set({ attempts: 1 })
  await slow.deps.announcements.queueDue(SIGNAL)
  expect(await slow.deps.db.$count(mails, isNotNull(mails.groupId))).toBe(2)
  // As after a restore.
  const { body: again } = await as('', input)
  await as(`/${again.id}/start`)
  await slow.deps.announcements.endPending()
  expect((await slow.call('GET', `/admin/announcements/${again.id}`, { token: other.token })).body.state).toBe('draft')
})

it('without SMTP is shown in the app, and says that nobody got a mail', async () => {
  const without = await useTestApp()
  const other = await setUpInstance(without)
  const as = (path: string, body?: object) => without.call('POST', `/admin/announcements${path}`, { token: other.token, body })
  const { body: { id } } = await as('', input)
  expect((await as(`/${id}/test`)).body.code).toBe('mail.not_set_up')
  await as(`/${id}/start`)
  await without.deps.announcements.queueDue(SIGNAL)
  expect((await without.call('GET', `/admin/announcements/${id}`, { token: other.token })).body).toMatchObject({
    state: 'sent',
    progress: { sent: 0, skipped: 1 },
  })
  expect((await without.call('GET', '/me/announcements', { token: other.token })).body.items).toHaveLength(1)
})
