import type { TestUser } from '../../../test/factories.ts'
import type { MailApp } from '../../../test/mail-app.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createUser, createWorkspace } from '../../../test/factories.ts'
import { createMailApp } from '../../../test/mail-app.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { emailKey } from './email-key.ts'
import { users } from './users.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'
/** Compared, the address of whoever has `victim@`; and no mail reaches it. */
const LOOKALIKE = 'ⓥictim@corp.example'

let test: TestApp
let operator: TestUser
let smtp: MailApp['smtp']
let close: MailApp['close']
beforeAll(async () => {
  ;({ test, operator, smtp, close } = await createMailApp())
})
afterAll(() => close())

const settled = async () => {
  await test.deps.passwordResets.settled()
  await test.deps.registrations.settled()
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
}

it('is kept nowhere: what comes in by it would take the address of somebody else', async () => {
  const { id, owner: { token } } = await createWorkspace(test)
  await test.call('PATCH', '/admin/instance', {
    token: operator.token,
    body: { registration: 'open' },
  })
  const { body: { url } } = await test.call('POST', `/workspaces/${id}/invitations`, {
    token,
    body: { role: 'staff' },
  })
  const doors: [string, object, string?][] = [
    [
      `/public/invitations/${url.split('/').at(-1)}/accept`,
      { name: 'Mallory', email: LOOKALIKE, password: PASSWORD },
    ],
    [
      `/workspaces/${id}/invitations`,
      { email: LOOKALIKE, role: 'staff' },
      token,
    ],
    [
      '/auth/register',
      { email: LOOKALIKE },
    ],
    [
      '/public/requests',
      {
        kind: 'access',
        name: 'Mallory',
        email: LOOKALIKE,
        message: 'Hello',
      },
    ],
    [
      '/me/email',
      { email: LOOKALIKE, password: PASSWORD },
      token,
    ],
    [
      '/admin/workspaces',
      {
        name: 'Harbour',
        slug: 'harbour',
        owner: { name: 'Mallory', email: LOOKALIKE },
      },
      operator.token,
    ],
  ]
  for (const [path, body, by] of doors) {
    const answer = await test.call('POST', path, { token: by, body })
    expect([
      path,
      answer.status,
      answer.body.errors?.[0],
    ]).toEqual([
      path,
      400,
      {
        pointer: expect.stringMatching(/\/email$/),
        detail: 'is no address that mail can be sent to',
      },
    ])
  }
  // Whose it is gets it still: nobody has taken it, and no link of theirs was replaced.
  await test.call('POST', '/auth/register', {
    body: { email: 'victim@corp.example' },
  })
  await settled()
  const link = /\/register#token=([\w-]{43})/.exec(smtp.mails.at(-1)!.text)![1]
  await test.call('POST', '/auth/register', {
    body: { email: LOOKALIKE },
  })
  await settled()
  expect((await test.call('POST', `/auth/register/${link}`, {
    body: { name: 'Ana', password: PASSWORD },
  })).status).toBe(201)
})

it('that an account has from before is one to sign in by, to ask by as by any other, and to change', async () => {
  const person = await createUser(test)
  const email = 'ⓞld@corp.example'
  await test.deps.db.update(users).set({
    email,
    emailKey: emailKey(email),
    passwordHash: await hashPassword(PASSWORD),
  }).where(eq(users.id, person.id))
  const post = (path: string, body: object) => test.call('POST', path, { body })
  for (const given of [email, 'old@corp.example', 'ⓝobody@corp.example']) {
    const statuses = []
    for (const path of ['/auth/password-reset', '/auth/email-code']) statuses.push((await post(path, { email: given })).status)
    expect([given, ...statuses]).toEqual([given, 202, 202])
  }
  expect((await post('/auth/login', { email: 'ⓝobody@corp.example', password: PASSWORD })).status).toBe(401)
  const { status, body } = await post('/auth/login', { email, password: PASSWORD })
  expect(status).toBe(200)
  expect((await test.call('POST', '/me/email', {
    token: body.accessToken,
    body: { email: 'new@corp.example', password: PASSWORD },
  })).status).toBe(202)
  await settled()
  const mail = smtp.mails.find(({ to }) => to.includes('new@corp.example'))!
  const token = /\/confirm-email#token=([\w-]{43})/.exec(mail.text)![1]
  expect((await test.call('POST', `/auth/email/${token}`)).status).toBe(204)
  expect((await post('/auth/login', { email: 'new@corp.example', password: PASSWORD })).status).toBe(200)
})
