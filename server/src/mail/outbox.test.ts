import type { TestSmtpOptions } from '../../test/smtp-server.ts'
import type { TestApp } from '../../test/test-app.ts'
import type { MailState } from './mails.queries.ts'
import { eq, sql } from 'drizzle-orm'
import { expect, it, onTestFinished } from 'vitest'
import { createWorkspace } from '../../test/factories.ts'
import { purgeDue } from '../../test/purge-due.ts'
import { said, startSmtp } from '../../test/smtp-server.ts'
import { createTestApp } from '../../test/test-app.ts'
import { testMail } from '../features/mail/mail.mails.ts'
import { invitationMail } from '../features/members/members.mails.ts'
import { mailAttempts, mails, mailSuppressions } from './mails.table.ts'

const TOKEN = 'the-token-that-opens-it'
const HOUR = 3_600_000

async function start(options: TestSmtpOptions = {}, env: Record<string, string> = {}) {
  const smtp = await startSmtp({ encryption: 'none', ...options })
  const test = await createTestApp({
    env: {
      SMTP_URL: smtp.url,
      SMTP_ALLOW_PLAIN: 'true',
      MAIL_FROM: 'files@example.com',
      ...env,
    },
  })
  // Before the server of mails goes, which waits for those who are connected.
  onTestFinished(() => test.close())
  test.clock.set(test.clock.now())
  return {
    smtp,
    test,
    send: () => test.deps.mail.sendDue(AbortSignal.timeout(60_000)),
  }
}

const invitation = (test: TestApp, address: string, given: object = {}) => ({
  key: `invitation:${address}`,
  to: { address },
  language: 'en' as const,
  sender: 'Borealis',
  data: { ...invitationMail.sample.data, email: address },
  secrets: { token: TOKEN },
  usefulUntil: new Date(test.clock.now().getTime() + 7 * 24 * HOUR),
  ...given,
})
const queue = (test: TestApp, address: string, given?: object) => test.deps.db.transaction(tx => test.deps.mail.queue(tx, invitationMail, invitation(test, address, given)))
const rows = (test: TestApp) => test.deps.db.select().from(mails).orderBy(mails.createdAt, mails.id)
const attempts = (test: TestApp) => test.deps.db.select().from(mailAttempts).orderBy(mailAttempts.number)
async function stateOf(test: TestApp, address: string): Promise<MailState | undefined> {
  return (await test.deps.db.select({ state: mails.state }).from(mails).where(eq(mails.toAddress, address)))[0]?.state
}

it('what is of no use soon goes ahead of what is for long', async () => {
  const { smtp, test } = await start({}, { MAIL_PER_MINUTE: '2' })
  for (let n = 0; n < 5; n++) await queue(test, `invited${n}@example.org`)
  test.clock.advance(1000)
  await queue(test, 'forgetful@example.org', {
    usefulUntil: new Date(test.clock.now().getTime() + HOUR / 2),
  })
  const controller = new AbortController()
  const sending = test.deps.mail.sendDue(controller.signal)
  await expect.poll(() => smtp.mails.length).toBe(2)
  controller.abort()
  await sending
  expect(smtp.mails.flatMap(({ to }) => to)).toContain('forgetful@example.org')
})

it('leaves after the commit, once, and no secret of it stands anywhere in clear', async () => {
  const { smtp, test, send } = await start()
  const { db } = test.deps
  await expect(db.transaction(async (tx) => {
    await test.deps.mail.queue(tx, invitationMail, invitation(test, 'never@example.org'))
    throw new Error('rolled back')
  })).rejects.toThrow('rolled back')
  expect(await queue(test, 'ana@example.org')).toBe(1)
  await queue(test, 'ana@example.org')
  expect(await queue(test, 'no address, no mail')).toBe(0)
  const [row] = await rows(test)
  expect(await rows(test)).toEqual([row])
  expect(row).toMatchObject({ state: 'waiting', attempts: 0, subject: 'Jonas Meyer invites you to “Borealis”' })
  const dump = (await db.execute(sql`select mails::text || encode(mails.sealed, 'escape') as whole from mails`)).rows
  const jobs = (await db.execute(sql`select data::text from pgboss.job`)).rows
  expect(JSON.stringify([dump, jobs])).not.toContain(TOKEN)

  await Promise.all([
    send(),
    send(),
    send(),
  ])
  expect(smtp.offered).toHaveLength(1)
  expect(smtp.mails[0]).toMatchObject({
    to: ['ana@example.org'],
    text: expect.stringContaining(`http://localhost:3000/invite/${TOKEN}`),
    headers: expect.objectContaining({ 'message-id': row!.messageId, 'from': 'Borealis <files@example.com>' }),
  })
  expect(await rows(test)).toMatchObject([
    {
      state: 'sent',
      attempts: 1,
      nextAttemptAt: null,
      endedAt: test.clock.now(),
    },
  ])
  expect(await attempts(test)).toMatchObject([
    {
      outcome: 'sent',
      reply: expect.stringMatching(/^250 /),
    },
  ])
})

it('waits longer and longer, and gives up after two days', async () => {
  const { smtp, test, send } = await start({
    onRcpt: () => said(450, '4.2.0 Greylisted'),
  })
  await queue(test, 'ana@example.org')
  const began = test.clock.now().getTime()
  let tries = 0
  while (await stateOf(test, 'ana@example.org') === 'waiting') {
    await send()
    expect((await attempts(test)).length).toBe(++tries)
    // Not before its time.
    await send()
    expect((await attempts(test)).length).toBe(tries)
    const { nextAttemptAt } = (await rows(test))[0]!
    if (nextAttemptAt) test.clock.set(nextAttemptAt)
  }
  expect(await stateOf(test, 'ana@example.org')).toBe('failed')
  expect(test.clock.now().getTime() - began).toBeGreaterThan(40 * HOUR)
  expect(test.clock.now().getTime() - began).toBeLessThanOrEqual(48 * HOUR)
  expect(new Set((await attempts(test)).map(({ reply }) => reply))).toEqual(new Set(['450 4.2.0 Greylisted']))
  expect(smtp.mails).toEqual([])
})

it('ends by a 5xx, and writes no more to an address that does not exist', async () => {
  const { smtp, test, send } = await start({
    onRcpt: address => address === 'gone@example.org'
      ? said(550, '5.1.1 No such user')
      : undefined,
    onData: ({ to }) => to[0] === 'picky@example.org'
      ? said(554, '5.7.1 Not this')
      : undefined,
  })
  await queue(test, 'gone@example.org')
  await queue(test, 'picky@example.org')
  await send()
  expect([await stateOf(test, 'gone@example.org'), await stateOf(test, 'picky@example.org')]).toEqual(['failed', 'failed'])
  expect(await test.deps.db.select().from(mailSuppressions)).toMatchObject([
    { addressKey: 'gone@example.org', reply: '550 5.1.1 No such user' },
  ])
  await queue(test, 'GONE@example.org', { key: 'another' })
  await queue(test, 'picky@example.org', { key: 'yet another' })
  await send()
  expect((await rows(test)).map(({ key, state, attempts: count }) => [key, state, count])).toEqual([
    ['invitation:gone@example.org', 'failed', 1],
    ['invitation:picky@example.org', 'failed', 1],
    ['another', 'suppressed', 0],
    ['yet another', 'failed', 1],
  ])
  expect(smtp.mails).toEqual([])
})

it('is not sent when it is of no use any more', async () => {
  const { smtp, test, send } = await start()
  await queue(test, 'late@example.org', {
    usefulUntil: new Date(test.clock.now().getTime() + HOUR),
  })
  await queue(test, 'withdrawn@example.org')
  await test.deps.db.transaction(tx => test.deps.mail.withdraw(tx, 'invitation:withdrawn@example.org'))
  test.clock.advance(HOUR)
  await send()
  expect((await rows(test)).map(({ state, attempts: count }) => [state, count])).toEqual([
    ['expired', 0],
    ['expired', 0],
  ])
  expect(smtp.offered).toEqual([])
  await expect(queue(test, 'ana@example.org', { usefulUntil: undefined })).rejects.toThrow('how long they open something')
})

it('asks a server that takes none for a few only, and the others wait', async () => {
  const { smtp, test, send } = await start({
    auth: { user: 'mailer', pass: 'right' },
  }, { MAIL_PER_MINUTE: '1000' })
  const { deps } = test
  await deps.db.transaction(tx => deps.mail.queue(tx, testMail, ...Array.from({ length: 200 }, (_each, n) => ({
    key: `test:${n}`,
    to: { address: `person${n}@example.org` },
    language: 'de' as const,
    sender: 'Harbour',
    data: { operator: 'Olga' },
    secrets: {},
  }))))
  const wrong = await createTestApp({
    database: {
      url: test.config.databaseUrl,
      drop: async () => {},
    },
    env: {
      SMTP_URL: smtp.url.replace('right', 'wrong'),
      SMTP_ALLOW_PLAIN: 'true',
      MAIL_FROM: 'files@example.com',
    },
  })
  onTestFinished(() => wrong.close())
  wrong.clock.set(test.clock.now())
  await wrong.deps.mail.sendDue(AbortSignal.timeout(60_000))
  const tried = (await attempts(test)).length
  expect(tried).toBeLessThanOrEqual(40)
  expect(await test.deps.db.$count(mails, eq(mails.state, 'waiting'))).toBe(200)
  expect(smtp.offered).toEqual([])
  test.clock.advance(2 * HOUR)
  await send()
  expect(new Set(smtp.mails.map(({ to }) => to[0])).size).toBe(200)
})

it('sends so many in a minute, from all processes together', async () => {
  const { smtp, test } = await start({}, { MAIL_PER_MINUTE: '10' })
  const other = await createTestApp({
    database: {
      url: test.config.databaseUrl,
      drop: async () => {},
    },
    env: {
      SECRET_KEY: test.config.secretKey,
      SMTP_URL: smtp.url,
      SMTP_ALLOW_PLAIN: 'true',
      MAIL_FROM: 'files@example.com',
      MAIL_PER_MINUTE: '10',
    },
  })
  onTestFinished(() => other.close())
  other.clock.set(test.clock.now())
  for (let n = 0; n < 25; n++) await queue(test, `person${n}@example.org`)
  for (const expected of [10, 20, 25]) {
    const stop = new AbortController()
    const runs = [test, other].map(({ deps }) => deps.mail.sendDue(stop.signal))
    await expect.poll(() => smtp.mails.length).toBe(expected)
    await expect.poll(async () => test.deps.db.$count(mails, eq(mails.state, 'sent'))).toBe(expected)
    stop.abort()
    await Promise.all(runs)
    expect(smtp.offered).toHaveLength(expected)
    test.clock.advance(60_000)
    other.clock.advance(60_000)
  }
})

it('is sent again with the same Message-ID when whoever sent it is gone', async () => {
  const { smtp, test, send } = await start()
  await queue(test, 'ana@example.org')
  const { id, messageId } = (await rows(test))[0]!
  // As a process leaves it that is killed between the 250 and the row.
  const until = new Date(test.clock.now().getTime() + 90_000)
  await test.deps.db.insert(mailAttempts).values({
    mailId: id,
    number: 1,
    beganAt: test.clock.now(),
  })
  await test.deps.db.update(mails).set({ attempts: 1, nextAttemptAt: until })
  await send()
  expect(smtp.offered).toEqual([])
  test.clock.set(until)
  await send()
  expect(smtp.mails.map(({ headers }) => headers['message-id'])).toEqual([messageId])
  expect((await attempts(test)).map(({ number, outcome }) => [number, outcome])).toEqual([
    [1, 'cut'],
    [2, 'sent'],
  ])
})

it('a mail that this version cannot write says so, and holds up no other', async () => {
  const { smtp, test, send } = await start()
  await queue(test, 'old@example.org')
  await queue(test, 'changed@example.org')
  await queue(test, 'ana@example.org')
  await test.deps.db.update(mails).set({ template: 'of.another_version' }).where(eq(mails.toAddress, 'old@example.org'))
  await test.deps.db.update(mails).set({ data: {} }).where(eq(mails.toAddress, 'changed@example.org'))
  await send()
  expect(smtp.mails.map(({ to }) => to)).toEqual([
    ['ana@example.org'],
  ])
  expect([await stateOf(test, 'old@example.org'), await stateOf(test, 'changed@example.org')]).toEqual(['failed', 'failed'])
})

it('is deleted after 90 days, its secret as soon as it opens nothing', async () => {
  const { test, send } = await start()
  await queue(test, 'ana@example.org')
  await send()
  const day = async (n: number) => {
    test.clock.advance(n * 24 * HOUR)
    await purgeDue(test)
    return (await rows(test)).map(({ sealed }) => sealed !== null)
  }
  expect(await day(6)).toEqual([true])
  expect(await day(2)).toEqual([false])
  expect(await day(81)).toEqual([false])
  expect(await day(2)).toEqual([])
  expect(await attempts(test)).toEqual([])
})

it('is held back where it waited when a backup is restored', async () => {
  const { smtp, test, send } = await start()
  await queue(test, 'ana@example.org')
  await test.deps.mail.endWaiting()
  await send()
  expect(await stateOf(test, 'ana@example.org')).toBe('failed')
  expect(smtp.offered).toEqual([])
})

it('without SMTP nothing is queued', async () => {
  const test = await createTestApp()
  onTestFinished(() => test.close())
  expect(test.deps.mail.canSend).toBe(false)
  expect(await queue(test, 'ana@example.org')).toBe(0)
  await test.deps.mail.sendDue(AbortSignal.timeout(1000))
  expect(await rows(test)).toEqual([])
})

it('an invitation is mailed to its address, in the language that was asked for, and withdrawn with it', async () => {
  const { smtp, test, send } = await start()
  const workspace = await createWorkspace(test)
  const path = `/workspaces/${workspace.id}/invitations`
  const invite = (body: object) => test.call('POST', path, {
    token: workspace.owner.token,
    body: { role: 'staff', ...body },
  })
  const german = await invite({ email: 'Ana@example.org', language: 'de' })
  expect(german.body).toMatchObject({ isMailed: true })
  expect((await invite({})).body).toMatchObject({ isMailed: false })
  await test.call('PATCH', '/me', {
    token: workspace.owner.token,
    body: { locale: 'de' },
  })
  await invite({ email: 'ben@example.org' })
  const revoked = await invite({ email: 'eve@example.org' })
  await test.call('DELETE', `${path}/${revoked.body.id}`, { token: workspace.owner.token })
  await send()
  expect(smtp.mails.map(({ to }) => to[0]).sort()).toEqual(['Ana@example.org', 'ben@example.org'])
  const mail = smtp.mails.find(({ to }) => to[0] === 'Ana@example.org')!
  expect(mail.headers.subject).toMatch(/lädt Sie zu „Workspace.*“ ein$/)
  // A link of its own: who invited does not know it, so that whoever comes by it reads mail there.
  const [url] = /http:\/\/localhost:3000\/invite\/\S+/.exec(mail.text)!
  expect(url).not.toBe(german.body.url)
  expect(mail.html).toContain(`href="${url}"`)
  expect((await test.call('GET', `/public/invitations/${url.split('/').at(-1)}`)).status).toBe(200)
  expect(smtp.mails.find(({ to }) => to[0] === 'ben@example.org')!.headers.subject).toContain('lädt Sie')
  expect(await stateOf(test, 'eve@example.org')).toBe('expired')
})
