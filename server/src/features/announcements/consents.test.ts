import type { TestUser } from '../../../test/factories.ts'
import type { TestSmtp } from '../../../test/smtp-server.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, setUpInstance } from '../../../test/factories.ts'
import { startSmtp } from '../../../test/smtp-server.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'

const signal = new AbortController().signal
let smtp: TestSmtp
let test: TestApp
let operator: TestUser
let ana: TestUser
beforeAll(async () => {
  smtp = await startSmtp({ encryption: 'none' })
  test = await createTestApp({
    env: { SMTP_URL: smtp.url, SMTP_ALLOW_PLAIN: 'true', MAIL_FROM: 'files@example.com' },
  })
  operator = await setUpInstance(test)
})
beforeEach(async () => {
  smtp.mails.length = 0
  ana = await createUser(test)
})
afterAll(async () => {
  await test?.close()
  await smtp?.close()
})

const consents = async () => (await test.call('GET', '/me/consents', { token: ana.token })).body.items
const agree = (kind: string, isGiven: unknown = true) => test.call('PUT', `/me/consents/${kind}`, {
  token: ana.token,
  body: { isGiven },
})
const drafted = async (kind: string) => (await test.call('POST', '/admin/announcements', {
  token: operator.token,
  body: {
    kind,
    audience: { to: 'everyone' },
    texts: {
      en: { subject: `News of ${kind}`, markdown: 'Something is *new*.' },
    },
  },
})).body as { id: string, reach: number }
async function sent(kind: string) {
  const { id } = await drafted(kind)
  await test.call('POST', `/admin/announcements/${id}/start`, { token: operator.token })
  await test.deps.announcements.queueDue(signal)
  await test.deps.mail.sendDue(signal)
  return smtp.mails.filter(({ to, headers }) => to[0] === ana.email && headers.subject === `News of ${kind}`)
}
const shown = async () => (await test.call('GET', '/me/announcements', { token: ana.token })).body.items.map(({ subject }: { subject: string }) => subject)
const said = async () => (await toldEvents(test, eq(auditEvents.subjectId, ana.id))).filter(({ action }) => action.startsWith('user.consent')).map(({ action, details }) => [
  action,
  details.kind,
  details.source,
])

it('nobody has agreed until they say so; who has is written to about that alone', async () => {
  expect(await consents()).toEqual(['launch', 'product'].map(kind => ({
    kind,
    isGiven: false,
    at: null,
    source: null,
  })))
  const before = (await drafted('product')).reach
  expect(await sent('product')).toEqual([])
  expect(await shown()).toEqual([])

  expect((await agree('product')).status).toBe(200)
  const [, given] = await consents()
  expect(given).toMatchObject({ kind: 'product', isGiven: true, source: 'preferences' })
  // Once more is no other consent.
  await agree('product')
  expect((await consents())[1]).toEqual(given)
  expect((await drafted('product')).reach).toBe(before + 1)

  expect(await sent('launch')).toEqual([])
  expect(await sent('product')).toHaveLength(1)
  expect(await shown()).toEqual(['News of product', 'News of product'])
  // What people have to know needs none.
  expect(await sent('service')).toHaveLength(1)

  await agree('product', false)
  expect((await consents())[1]).toMatchObject({ isGiven: false, at: null })
  expect((await drafted('product')).reach).toBe(before)
  expect(await shown()).not.toContain('News of product')
  smtp.mails.length = 0
  expect(await sent('product')).toEqual([])
  expect(await said()).toEqual([
    [
      'user.consent_given',
      'product',
      'preferences',
    ],
    [
      'user.consent_withdrawn',
      'product',
      'preferences',
    ],
  ])
})

it('is withdrawn by one click in a mail, by a bare POST; looking withdraws nothing, and the page gives it again', async () => {
  await agree('launch')
  await agree('product')
  const [mail] = await sent('launch')
  expect(mail!.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click')
  const [, path] = /^<http:\/\/localhost:3000(\/unsubscribe\/[\w-]+)>$/.exec(mail!.headers['list-unsubscribe']!)!
  const token = path!.split('/').at(-1)!
  expect((await test.call('GET', `/public/unsubscribe/${token}`)).body).toMatchObject({ kind: 'launch', isOn: true })
  expect((await test.call('GET', `/public/unsubscribe/${token}`)).body.others).toContain('product')
  const posted = await test.app.inject({
    method: 'POST',
    url: path!,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'List-Unsubscribe=One-Click',
  })
  expect(posted.statusCode).toBe(200)
  expect((await test.app.inject({ method: 'POST', url: path! })).statusCode).toBe(200)
  expect((await consents()).map(({ isGiven }: { isGiven: boolean }) => isGiven)).toEqual([false, true])
  smtp.mails.length = 0
  expect(await sent('launch')).toEqual([])
  await test.call('PUT', `/public/unsubscribe/${token}`, {
    body: { isOn: true },
  })
  expect((await consents())[0]).toMatchObject({ isGiven: true, source: 'mail_link' })
  expect((await said()).slice(2)).toEqual([
    [
      'user.consent_withdrawn',
      'launch',
      'mail_link',
    ],
    [
      'user.consent_given',
      'launch',
      'mail_link',
    ],
  ])
})

it('mails of what one has to know cannot be ended, and nothing else can be agreed to', async () => {
  const [mail] = await sent('billing')
  expect(mail!.headers['list-unsubscribe']).toBeUndefined()
  for (const kind of [
    'service',
    'billing',
    'gossip',
    'Launch',
  ]) expect([kind, (await agree(kind)).status]).toEqual([kind, 400])
  expect((await agree('launch', 'yes')).status).toBe(400)
})

it('is shown to the operator as it is sent, and a test of it goes to whoever asks, agreed or not', async () => {
  const { id } = await drafted('product')
  const preview = await test.call('GET', `/admin/announcements/${id}/preview?language=en`, { token: operator.token })
  expect(preview.body.text).toContain('because you agreed')
  expect(preview.body.text).toContain('/unsubscribe/')
  expect((await test.call('POST', `/admin/announcements/${id}/test`, { token: operator.token })).status).toBe(204)
  await test.deps.mail.sendDue(signal)
  expect(smtp.mails.filter(({ to }) => to[0] === operator.email)).toHaveLength(1)
})

it('what waits in the outbox of a kind is not sent once its consent is withdrawn; of another kind it is', async () => {
  await agree('launch')
  await agree('product')
  for (const kind of ['launch', 'product', 'service']) {
    const { id } = await drafted(kind)
    await test.call('POST', `/admin/announcements/${id}/start`, { token: operator.token })
  }
  await test.deps.announcements.queueDue(signal)
  await agree('launch', false)
  smtp.mails.length = 0
  await test.deps.mail.sendDue(signal)
  expect(smtp.mails.filter(({ to }) => to[0] === ana.email).map(({ headers }) => headers.subject).sort()).toEqual(['News of product', 'News of service'])
})
