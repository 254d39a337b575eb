import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestSmtp } from '../../../test/smtp-server.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { PreferencesChange } from './notifications.schemas.ts'
import { randomUUIDv7 } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { addMember, createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createFileRow } from '../../../test/item-factories.ts'
import { startSmtp } from '../../../test/smtp-server.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { deriveKey } from '../../http/tokens.ts'
import { mails } from '../../mail/mails.table.ts'
import { fileUploaded, linkExpiring, memberEnded, userDisabled, userEmailChanged, userEmailChangeUndone, watchDeletions, workspaceStorageFilled } from '../audit/audit.actions.ts'
import { links } from '../links/links.table.ts'
import { members } from '../members/members.table.ts'
import { users } from '../users/users.table.ts'
import { createNews } from './create-news.ts'
import { notificationTypes } from './notification-rules.ts'
import { notificationsReader } from './notifications.reader.ts'
import { notifications } from './notifications.table.ts'
import { unsubscribeToken } from './unsubscribe-token.ts'

const WAIT = { timeout: 60_000 }
const MINUTE_MS = 60_000
const signal = new AbortController().signal
let smtp: TestSmtp
let test: TestApp
let workspace: TestWorkspace
let ana: TestUser
beforeAll(async () => {
  smtp = await startSmtp({ encryption: 'none' })
  test = await createTestApp({
    env: { SMTP_URL: smtp.url, SMTP_ALLOW_PLAIN: 'true', MAIL_FROM: 'files@example.com' },
  })
  await setUpInstance(test)
  // Mails are sent when a test says so.
  await test.deps.auditReaders.start([
    notificationsReader(test.deps.notifications),
  ])
})
beforeEach(async () => {
  test.clock.set(new Date('2027-01-15T12:00:00Z'))
  smtp.mails.length = 0
  workspace = await createWorkspace(test)
  ana = await addMember(test, workspace, 'admin')
})
afterAll(async () => {
  await test?.close()
  await smtp?.close()
})

async function record(...events: Parameters<TestApp['deps']['audit']['recordAlone']>[1][]): Promise<void> {
  await test.deps.audit.recordAlone({
    actor: { kind: 'user', id: ana.id, name: 'Ana\r\nBcc: x@example.org' },
    origin: { via: 'web', ip: null, userAgent: null },
  }, ...events)
  await expect.poll(async () => (await test.deps.db.execute(sql`
    select from audit_chains as chain left join audit_readers as place on place.chain_id = chain.id and place.reader = 'notifications'
    where chain.seq > coalesce(place.seq, 0)`)).rows.length, WAIT).toBe(0)
}
async function upload(name: string): Promise<void> {
  const place = { workspaceId: workspace.id, spaceId: workspace.spaceId, parentId: workspace.rootId }
  const { id } = await createFileRow(test, place, name, ana)
  await record(fileUploaded({
    workspaceId: workspace.id,
    subject: { kind: 'file', id, name },
    details: {
      parentId: workspace.rootId,
      parentName: 'Contracts',
      version: 1,
      size: 1,
      sha256: null,
    },
  }))
}
const end = () => record(memberEnded({
  workspaceId: workspace.id,
  subject: {
    kind: 'member',
    id: randomUUIDv7(),
    name: 'Max <b>',
  },
  details: {
    userId: randomUUIDv7(),
    role: 'staff',
  },
}))
const prefer = async (user: TestUser, change: Partial<PreferencesChange>) => {
  const { choices, digestHour, quietHours, unsubscribed } = (await test.call('GET', '/me/notification-preferences', { token: user.token })).body
  const answer = await test.call('PUT', '/me/notification-preferences', {
    token: user.token,
    body: {
      choices,
      digestHour,
      quietHours,
      unsubscribed,
      ...change,
    },
  })
  expect(answer.status).toBe(200)
  return answer.body
}
const choose = (channel: 'at-once' | 'daily' | 'weekly') => ({
  choices: [fileUploaded, memberEnded].map(({ action }) => ({ type: action, workspaceId: null, channel })),
})
/** Those that leave now, to one person. */
async function mailed(user: TestUser) {
  await test.deps.notificationMail.sendDue(signal)
  await test.deps.mail.sendDue(signal)
  // Without what makes no link of a domain.
  const plain = (text = '') => text.replaceAll('\u2060', '')
  const own = smtp.mails.filter(({ to }) => to[0] === user.email).map(mail => ({
    ...mail,
    text: plain(mail.text),
    headers: {
      ...mail.headers,
      subject: plain(mail.headers.subject),
    } as typeof mail.headers,
  }))
  smtp.mails.length = 0
  return own
}
const subjects = async (user: TestUser) => (await mailed(user)).map(({ headers }) => headers.subject)

it('ten files in two minutes are one mail, two minutes after the first, in the person’s language; what comes later is another', async () => {
  const { owner } = workspace
  await test.deps.db.update(users).set({ locale: 'de' }).where(eq(users.id, owner.id))
  await prefer(owner, choose('at-once'))
  await upload('A.pdf')
  test.clock.advance(MINUTE_MS)
  await upload('B.pdf')
  expect(await mailed(owner)).toEqual([])
  test.clock.advance(MINUTE_MS)
  const [mail, ...others] = await mailed(owner)
  expect(others).toEqual([])
  expect(mail!.headers.subject).toBe('Ana Bcc: x@example.org hat 2 Dateien in Contracts hochgeladen')
  expect(mail!.text).toContain('/notifications')
  expect(await mailed(owner)).toEqual([])
  await upload('C.pdf')
  test.clock.advance(2 * MINUTE_MS)
  expect(await subjects(owner)).toEqual(['Ana Bcc: x@example.org hat C.pdf in Contracts hochgeladen'])
})

it('each kind at once is a mail of its own, which one click ends by a bare POST and the page begins again; looking ends nothing', async () => {
  const { owner } = workspace
  await prefer(owner, choose('at-once'))
  await upload('A.pdf')
  await end()
  test.clock.advance(2 * MINUTE_MS)
  const mails = await mailed(owner)
  expect(mails.map(({ headers }) => headers.subject).sort()).toEqual([
    expect.stringContaining('Ana Bcc: x@example.org removed Max <b> from'),
    'Ana Bcc: x@example.org uploaded A.pdf to Contracts',
  ])
  const mail = mails.find(({ headers }) => headers.subject!.includes('uploaded'))!
  expect(mail.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click')
  const [, path] = /^<http:\/\/localhost:3000(\/unsubscribe\/[\w-]+)>$/.exec(mail.headers['list-unsubscribe']!)!
  const token = path!.split('/').at(-1)!
  const show = async (of = token) => test.call('GET', `/public/unsubscribe/${of}`)
  expect((await show()).body).toMatchObject({ kind: fileUploaded.action, isOn: true })
  expect((await show()).body.others).toEqual(expect.arrayContaining(['daily', memberEnded.action]))
  for (const wrong of [
    `${token}A`,
    token.slice(0, -2),
    `A${token.slice(1)}`,
    'x',
  ]) expect((await show(wrong)).status).toBe(404)

  const posted = await test.app.inject({
    method: 'POST',
    url: path!,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'List-Unsubscribe=One-Click',
  })
  expect([posted.statusCode, posted.headers['set-cookie']]).toEqual([200, undefined])
  expect((await test.app.inject({ method: 'POST', url: path! })).statusCode).toBe(200)
  expect((await show()).body).toMatchObject({ isOn: false })
  expect((await prefer(owner, {})).unsubscribed).toEqual([fileUploaded.action])
  await upload('B.pdf')
  await end()
  test.clock.advance(2 * MINUTE_MS)
  expect((await subjects(owner)).filter(subject => subject!.includes('uploaded'))).toEqual([])
  // In the app it is told all the same.
  expect((await test.call('GET', `/me/notifications?type=${fileUploaded.action}`, { token: owner.token })).body.items).toMatchObject([
    { count: 2 },
  ])

  expect((await test.call('PUT', `/public/unsubscribe/${token}`, {
    body: { isOn: true },
  })).body).toMatchObject({ isOn: true })
  await upload('C.pdf')
  test.clock.advance(2 * MINUTE_MS)
  expect(await subjects(owner)).toEqual(['Ana Bcc: x@example.org uploaded C.pdf to Contracts'])
})

it('waits in the outbox for nobody who has left, has another address or wants none of it any more; nor is it sent again', async () => {
  const { owner } = workspace
  const subject = { kind: 'user', id: owner.id, name: owner.name } as const
  await prefer(owner, choose('at-once'))
  const ends: [string, () => Promise<unknown>][] = [
    [
      'unsubscribed',
      () => prefer(owner, {
        unsubscribed: [fileUploaded.action],
      }),
    ],
    [
      'unsubscribed by a link',
      () => test.call('PUT', `/public/unsubscribe/${unsubscribeToken(deriveKey(test.config.secretKey, 'unsubscribe'), { userId: owner.id, kind: fileUploaded.action })}`, {
        body: { isOn: false },
      }),
    ],
    [
      'disabled',
      () => record(userDisabled({
        subject,
        details: { endedSessions: 0, endedTokens: 0 },
      })),
    ],
    [
      'another address',
      () => record(userEmailChanged({
        subject,
        details: { from: owner.email, to: 'other@example.org', isVerified: true },
      })),
    ],
    [
      'the old address',
      () => record(userEmailChangeUndone({
        subject,
        details: {
          from: 'other@example.org',
          to: owner.email,
          endedSessions: 0,
          endedTokens: 0,
        },
      })),
    ],
    [
      'no member',
      () => record(memberEnded({
        workspaceId: workspace.id,
        subject: {
          kind: 'member',
          id: randomUUIDv7(),
          name: owner.name,
        },
        details: { userId: owner.id, role: 'owner' },
      })),
    ],
  ]
  const got = []
  for (const [what, end] of ends) {
    await prefer(owner, { unsubscribed: [] })
    await upload(`${what}.pdf`)
    test.clock.advance(2 * MINUTE_MS)
    await test.deps.notificationMail.sendDue(signal)
    await end()
    got.push([
      what,
      (await subjects(owner)).filter(each => each!.includes('uploaded')),
    ])
  }
  expect(got).toEqual(ends.map(([what]) => [what, []]))
  const operator = await createUser(test, { isOperator: true })
  const queued = await test.deps.db.select().from(mails).where(eq(mails.toAddress, owner.email))
  expect(queued.map(({ state }) => state)).toEqual(ends.map(() => 'expired'))
  expect((await test.call('POST', `/admin/mails/${queued[0]!.id}/resend`, { token: operator.token })).body.code).toBe('mail.over')
})

it('waits in the outbox for who has left one workspace, with what happened in the others', async () => {
  const left = workspace
  const { owner } = left
  await prefer(owner, {
    ...choose('daily'),
    digestHour: 13,
  })
  await upload('Here.pdf')
  workspace = await createWorkspace(test, { owner })
  await upload('There.pdf')
  test.clock.set(new Date('2027-01-15T13:00:01Z'))
  await test.deps.notificationMail.sendDue(signal)
  const waiting = async () => (await test.deps.db.select().from(mails).where(eq(mails.toAddress, owner.email))).map(({ data }) => (data.lines as { subject: string }[]).map(({ subject }) => subject).sort())
  expect(await waiting()).toEqual([
    ['Here.pdf', 'There.pdf'],
  ])
  await record(memberEnded({
    workspaceId: left.id,
    subject: {
      kind: 'member',
      id: randomUUIDv7(),
      name: owner.name,
    },
    details: { userId: owner.id, role: 'owner' },
  }))
  const [mail, ...others] = await mailed(owner)
  expect(others).toEqual([])
  expect(mail!.text).toContain('There.pdf')
  expect(`${mail!.headers.subject} ${mail!.text}`).not.toContain('Here.pdf')
})

it('a digest comes at the person’s hour in their time zone, once, with what they have not read; quiet hours hold mails back', async () => {
  const { owner } = workspace
  expect((await test.call('PATCH', '/me', {
    token: owner.token,
    body: { timeZone: 'Mars/Olympus' },
  })).status).toBe(400)
  expect((await test.call('PATCH', '/me', {
    token: owner.token,
    body: { timeZone: 'Asia/Tokyo' },
  })).body).toMatchObject({ timeZone: 'Asia/Tokyo' })
  await prefer(owner, {
    ...choose('daily'),
    digestHour: 9,
  })
  // 21:00 there.
  await upload('A.pdf')
  await end()
  // What waits moves with them: to Berlin, and back.
  for (const [timeZone, at] of [
    ['Europe/Berlin', '2027-01-16T08:00:00.000Z'],
    ['Asia/Tokyo', '2027-01-16T00:00:00.000Z'],
  ] as const) {
    await test.call('PATCH', '/me', {
      token: owner.token,
      body: { timeZone },
    })
    await expect.poll(async () => (await test.deps.db.selectDistinct({ mailAt: notifications.mailAt }).from(notifications).where(eq(notifications.userId, owner.id))).map(({ mailAt }) => mailAt?.toISOString()), WAIT).toEqual([at])
  }
  test.clock.set(new Date('2027-01-15T23:59:59Z'))
  expect(await mailed(owner)).toEqual([])
  test.clock.set(new Date('2027-01-16T00:00:00Z'))
  const [digest, ...others] = await mailed(owner)
  expect(others).toEqual([])
  expect(digest!.text).toContain('uploaded A.pdf to Contracts')
  expect(digest!.text).toContain('removed Max <b> from')
  expect(digest!.html).not.toContain('Max <b>')
  test.clock.set(new Date('2027-01-17T00:00:00Z'))
  expect(await mailed(owner)).toEqual([])

  await upload('B.pdf')
  await test.call('POST', '/me/notifications/read', {
    token: owner.token,
    body: { all: true },
  })
  test.clock.set(new Date('2027-01-18T00:00:00Z'))
  expect(await mailed(owner)).toEqual([])

  // What waits follows what is chosen: 09:00 there now, quiet until noon.
  await upload('C.pdf')
  await prefer(owner, {
    ...choose('at-once'),
    quietHours: { from: 8, until: 12 },
  })
  test.clock.set(new Date('2027-01-18T02:59:00Z'))
  expect(await mailed(owner)).toEqual([])
  test.clock.set(new Date('2027-01-18T03:00:00Z'))
  expect(await subjects(owner)).toEqual(['Ana Bcc: x@example.org uploaded C.pdf to Contracts'])
})

it('says nothing of what somebody may not see when it is sent, nothing to who is disabled, and each mail once for two workers', async () => {
  const [gone, disabled] = [await addMember(test, workspace, 'admin'), await addMember(test, workspace, 'admin')]
  for (const user of [gone, disabled, workspace.owner]) await prefer(user, choose('at-once'))
  await upload('A.pdf')
  await test.deps.db.delete(members).where(eq(members.userId, gone.id))
  await test.deps.db.update(users).set({
    disabledAt: test.clock.now(),
  }).where(eq(users.id, disabled.id))
  test.clock.advance(2 * MINUTE_MS)
  await Promise.all([
    test.deps.notificationMail.sendDue(signal),
    test.deps.notificationMail.sendDue(signal),
  ])
  await test.deps.mail.sendDue(signal)
  const to = smtp.mails.map(mail => mail.to[0])
  expect(to.filter(address => address === workspace.owner.email)).toHaveLength(1)
  expect(to).not.toContain(gone.email)
  expect(to).not.toContain(disabled.email)
})

it('a worker that is gone before it has written all down has told nothing, and the next one tells it once', async () => {
  const { owner } = workspace
  await prefer(owner, choose('at-once'))
  await upload('A.pdf')
  test.clock.advance(2 * MINUTE_MS)
  const failures: object[] = []
  const { notificationMail } = createNews({
    ...test.deps,
    publicUrl: test.config.publicUrl,
    secretKey: test.config.secretKey,
    log: {
      error: fields => failures.push(fields),
    },
    mail: {
      ...test.deps.mail,
      async queue(...given) {
        await test.deps.mail.queue(...given)
        throw new Error('gone')
      },
    },
  })
  await notificationMail.sendDue(signal)
  expect(failures).not.toEqual([])
  await test.deps.mail.sendDue(signal)
  expect(smtp.mails).toEqual([])
  expect(await subjects(owner)).toEqual(['Ana Bcc: x@example.org uploaded A.pdf to Contracts'])
})

it('what is due is found behind any number that waits for later', async () => {
  const { owner } = workspace
  await prefer(owner, choose('weekly'))
  await upload('A.pdf')
  await test.deps.db.execute(sql`
    with line as (
      insert into notification_lines (id, key, workspace_id, type, actor_kind, actor_name, last_at)
      select gen_random_uuid(), 'many ' || gen_random_uuid(), ${workspace.id}::uuid, ${memberEnded.action}, 'user', 'Ana', ${test.clock.now().toISOString()}::timestamptz from generate_series(1, 250)
      returning id
    )
    insert into notifications (user_id, line_id, at, count, mail_at)
    select ${owner.id}::uuid, id, ${test.clock.now().toISOString()}::timestamptz + interval '1 second', 1, ${test.clock.now().toISOString()}::timestamptz + interval '30 days' from line`)
  test.clock.set(new Date('2027-01-18T08:00:00Z'))
  expect(await subjects(owner)).toEqual([
    expect.stringContaining('uploaded A.pdf to Contracts'),
  ])
})

it('has words for each type', async () => {
  const { newsMail } = await import('./notifications.mails.ts')
  for (const language of ['en', 'de'] as const) {
    const sentences = notificationTypes.map(type => newsMail.words[language]({
      rhythm: 'at-once',
      lines: [
        {
          type,
          count: 1,
          actor: 'Ana',
          subject: 'Report',
          place: '',
          workspace: 'Harbour',
          isAboutYou: false,
        },
      ],
      more: 0,
      unsubscribePath: '/unsubscribe/x',
    }, {
      sender: '',
      when: () => '',
    }).subject)
    expect(new Set(sentences).size).toBe(notificationTypes.length)
  }
})

it('a mail of one alert or of an expiry says what to do, and to whom an alert is about, what is theirs to do', async () => {
  const { owner } = workspace
  await record(watchDeletions({
    workspaceId: workspace.id,
    subject: {
      kind: 'member',
      id: randomUUIDv7(),
      name: owner.name,
    },
    details: { userId: owner.id, times: 120 },
  }), workspaceStorageFilled({
    workspaceId: workspace.id,
    subject: { kind: 'workspace', id: workspace.id, name: 'Harbour' },
    details: { percent: 80, usedBytes: 8, quotaBytes: 10 },
  }))
  const [link] = await test.deps.db.insert(links).values({
    id: randomUUIDv7(),
    workspaceId: workspace.id,
    title: 'Audit set',
    tokenHash: Buffer.from(randomUUIDv7()),
    tokenCiphertext: Buffer.from('x'),
    createdBy: owner.id,
    createdAt: test.clock.now(),
    updatedAt: test.clock.now(),
  }).returning()
  await record(linkExpiring({
    workspaceId: workspace.id,
    subject: { kind: 'link', id: link!.id, name: 'Audit set' },
    details: { expiresAt: '2027-01-18T12:00:00.000Z' },
  }))
  test.clock.advance(2 * MINUTE_MS)
  const textOf = (subject: string, mails: { headers: Record<string, string | undefined>, text: string }[]) => mails.find(({ headers }) => headers.subject === subject)?.text
  const own = await mailed(owner)
  expect(textOf('Your account deleted 120 files within an hour', own)).toContain('end the other sessions')
  expect(textOf('Your link Audit set expires soon', own)).toContain('18 January 2027')
  expect(textOf('Your link Audit set expires soon', own)).toContain('another expiry')
  expect(own.map(({ headers }) => headers.subject).filter(subject => subject!.startsWith('80 % of the storage'))).toHaveLength(1)
  expect(own.every(({ headers }) => headers['list-unsubscribe'] !== undefined)).toBe(true)
})
