import type { TestUser } from '../../../test/factories.ts'
import type { TestSmtp } from '../../../test/smtp-server.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { and, eq, isNotNull } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createUser, setUpInstance } from '../../../test/factories.ts'
import { startSmtp } from '../../../test/smtp-server.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { users } from '../users/users.table.ts'
import { notificationsReader } from './notifications.reader.ts'
import { notifications } from './notifications.table.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0'
const WAIT = { timeout: 60_000 }
const password = 'a lantern on the quay'
const signal = new AbortController().signal
let smtp: TestSmtp
let test: TestApp
let ana: TestUser
let passwordHash: string
beforeAll(async () => {
  passwordHash = await hashPassword(password)
  smtp = await startSmtp({ encryption: 'none' })
  test = await createTestApp({
    env: { SMTP_URL: smtp.url, SMTP_ALLOW_PLAIN: 'true', MAIL_FROM: 'files@example.com' },
  })
  await setUpInstance(test)
  await test.deps.auditReaders.start([
    notificationsReader(test.deps.notifications),
  ])
})
beforeEach(async () => {
  smtp.mails.length = 0
  ana = await createUser(test)
  await test.deps.db.update(users).set({ passwordHash }).where(eq(users.id, ana.id))
})
afterAll(async () => {
  await test?.close()
  await smtp?.close()
})

/** As a browser, or a program of this name. */
async function signIn({ cookie, program, ip = '198.51.100.4' }: { cookie?: string, program?: string, ip?: string } = {}) {
  const answer = await test.app.inject({
    method: 'POST',
    url: '/api/v1/auth/login',
    remoteAddress: ip,
    headers: {
      'user-agent': program ?? FIREFOX,
      ...program === undefined && { 'sec-fetch-mode': 'cors' },
      ...cookie !== undefined && { cookie: `clientshare-device=${cookie}` },
    },
    payload: { email: ana.email, password },
  })
  expect(answer.statusCode).toBe(200)
  const device = answer.cookies.find(({ name }) => name === 'clientshare-device')
  return { device, token: (JSON.parse(answer.body) as { accessToken: string }).accessToken }
}
const told = async () => (await test.call('GET', '/me/notifications', { token: ana.token })).body.items.map(({ type, count }: { type: string, count: number }) => [type, count])
const waiting = () => test.deps.db.select().from(notifications).where(and(eq(notifications.userId, ana.id), isNotNull(notifications.mailAt)))
async function mailed() {
  await test.deps.notificationMail.sendDue(signal)
  await test.deps.mail.sendDue(signal)
  return smtp.mails.splice(0).filter(({ to }) => to[0] === ana.email)
}

it('a sign-in from a browser that the person has not used is told at once, whatever they chose; one that is known by its cookie is not', async () => {
  await test.call('PUT', '/me/notification-preferences', {
    token: ana.token,
    body: {
      choices: [],
      digestHour: 8,
      quietHours: { from: 0, until: 23 },
      unsubscribed: ['daily', 'weekly'],
    },
  })
  await test.call('PATCH', '/me', {
    token: ana.token,
    body: { timeZone: 'Asia/Tokyo' },
  })
  const { device } = await signIn()
  expect(device).toMatchObject({
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    maxAge: 400 * 86_400,
  })
  await expect.poll(told, WAIT).toEqual([
    ['session.started', 1],
  ])
  await test.call('POST', '/me/notifications/read', {
    token: ana.token,
    body: { all: true },
  })
  const [mail, ...others] = await mailed()
  expect(others).toEqual([])
  expect(mail!.headers.subject).toBe('A sign-in to your account from a new device')
  expect(mail!.text).toContain('198.51.100.4')
  expect(mail!.text).toContain('Firefox, Linux')
  // By her clock.
  expect(mail!.text).toMatch(/at \d\d:\d\d GMT\+9/)
  expect(mail!.text).toContain('/account')
  expect(mail!.text).toMatch(/It cannot be switched\s+off/)
  expect(mail!.headers['list-unsubscribe']).toBeUndefined()

  // Elsewhere, but the same browser; then one that has the name alone.
  await signIn({ cookie: device!.value, ip: '203.0.113.9' })
  await signIn()
  await expect.poll(waiting, WAIT).toHaveLength(1)
  expect(await told()).toEqual([
    ['session.started', 1],
  ])
  expect(await mailed()).toHaveLength(1)
})

it('programs, which keep no cookie, are known by name and address', async () => {
  expect((await signIn({ program: 'curl/8.5.0' })).device).toBeUndefined()
  await expect.poll(told, WAIT).toEqual([
    ['session.started', 1],
  ])
  await signIn({ program: 'curl/8.5.0' })
  await signIn({ program: 'curl/8.5.0', ip: '203.0.113.9' })
  await expect.poll(told, WAIT).toEqual([
    ['session.started', 2],
  ])
})

it('a cookie that says what a program is known by makes nobody known', async () => {
  await signIn({ program: 'curl/8.5.0' })
  await expect.poll(told, WAIT).toEqual([
    ['session.started', 1],
  ])
  const { device } = await signIn({
    cookie: encodeURIComponent('curl/8.5.0\n198.51.100.4'),
  })
  expect(device!.value).toMatch(/^[\w-]{43}$/)
  await expect.poll(told, WAIT).toEqual([
    ['session.started', 2],
  ])
})

it('an account’s first sign-in is no news; a new password is, and makes every browser new', async () => {
  const { device, token } = await signIn()
  await expect.poll(told, WAIT).toHaveLength(1)
  await mailed()
  expect((await test.call('POST', '/me/password', {
    token,
    body: { currentPassword: password, newPassword: 'nine geese over the weir' },
  })).status).toBe(204)
  await test.deps.db.update(users).set({ passwordHash }).where(eq(users.id, ana.id))
  await signIn({ cookie: device!.value })
  ana = { ...ana, token }
  await expect.poll(told, WAIT).toEqual([
    ['session.started', 2],
    ['user.password_changed', 1],
  ])
  expect((await mailed()).map(({ headers }) => headers.subject).sort()).toEqual([
    'A sign-in to your account from a new device',
    'The password of your account was changed',
  ])
  // There is no choice about it.
  expect((await test.call('PUT', '/me/notification-preferences', {
    token,
    body: {
      choices: [
        { type: 'user.password_changed', workspaceId: null, channel: 'off' },
      ],
      digestHour: 8,
      quietHours: null,
      unsubscribed: [],
    },
  })).status).toBe(400)
})
