import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { MailApp } from '../../../test/mail-app.ts'
import type { TestSmtp } from '../../../test/smtp-server.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { addMember, createWorkspace } from '../../../test/factories.ts'
import { createMailApp } from '../../../test/mail-app.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { rolesAskedForFactor } from '../access/access.policy.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'
const DAY_MS = 86_400_000

let smtp: TestSmtp
let test: TestApp
let operator: TestUser
let workspace: TestWorkspace
let close: MailApp['close']
let passwordHash: string
beforeAll(async () => {
  passwordHash = await hashPassword(PASSWORD)
})
beforeEach(async () => {
  ;({ smtp, test, operator, close } = await createMailApp())
  workspace = await createWorkspace(test)
})
afterEach(() => close())

async function withPassword(user: TestUser, isVerified = true, on = test): Promise<TestUser> {
  await on.deps.db.update(users).set({
    passwordHash,
    ...isVerified && {
      emailVerifiedAt: new Date(on.clock.now().getTime() - DAY_MS),
    },
  }).where(eq(users.id, user.id))
  return user
}
/** Long ago, and without a grace: whoever is asked is shut out already. */
const ask = (of: keyof typeof rolesAskedForFactor, on = test) => on.deps.db.update(workspaces).set({
  secondFactorRoles: [...rolesAskedForFactor[of]],
  secondFactorSince: new Date(on.clock.now().getTime() - DAY_MS),
  secondFactorGraceDays: 0,
})
const login = async ({ email }: TestUser, on = test) => (await on.call('POST', '/auth/login', {
  body: { email, password: PASSWORD },
})).body
const finish = (mfaToken: string, code: string) => test.call('POST', '/auth/mfa', {
  body: { mfaToken, method: 'email', code },
})
const brief = ({ status, body }: { status: number, body: { code?: string } }) => [status, body.code]
const wrong = [400, 'auth.wrong_code']
async function lastCode(user: TestUser): Promise<string> {
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  return /Your code: (\d{6})/.exec(smtp.mails.findLast(({ to }) => to[0] === user.email)?.text ?? '')?.[1] ?? 'none'
}
const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
const shutsAt = async (token: string) => (await test.call('GET', '/me', { token })).body.memberships[0].shutsAt

it('a client’s contact whose workspace asks for one ends a sign-in by password with a mailed code, and is not shut out then', async () => {
  const client = await withPassword(await addMember(test, workspace, 'client'))
  expect((await login(client)).accessToken).toBeDefined()
  await ask('everybody')
  expect(await shutsAt(client.token)).not.toBeNull()

  const first = await login(client)
  expect([first.mfaRequired, first.methods]).toEqual([
    true,
    ['email'],
  ])
  const before = await lastCode(client)
  const { mfaToken } = await login(client)
  const code = await lastCode(client)
  // Each counts for its own sign-in.
  if (before !== code) expect(brief(await finish(mfaToken, before))).toEqual(wrong)
  expect(brief(await test.call('POST', '/auth/mfa', {
    body: { mfaToken, method: 'totp', code },
  }))).toEqual(wrong)
  const done = await finish(mfaToken, ` ${code} `)
  expect(done.status).toBe(200)
  expect(await shutsAt(done.body.accessToken)).toBeNull()
  expect(brief(await finish(mfaToken, code))).toEqual([401, 'auth.sign_in_expired'])

  // A mailbox alone is no way past the password.
  await test.call('POST', '/auth/email-code', {
    body: { email: client.email },
  })
  await test.deps.emailCodes.settled()
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  expect(smtp.mails.at(-1)!.headers.subject).toBe('How you sign in at Test instance')

  // Whose last sign-in was without, for it was not asked, is asked again.
  await ask('nobody')
  await login(client)
  await ask('everybody')
  expect(await shutsAt(done.body.accessToken)).not.toBeNull()
})

it('counts no more once the person has another address, where a code to it does', async () => {
  const client = await withPassword(await addMember(test, workspace, 'client'))
  await ask('everybody')
  const { mfaToken } = await login(client)
  const code = await lastCode(client)
  const email = 'moved@example.org'
  expect((await test.call('POST', '/me/email', {
    token: client.token,
    body: { email, password: PASSWORD },
  })).status).toBe(202)
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  const [, token] = /confirm-email#token=([\w-]{43})/.exec(smtp.mails.findLast(({ to }) => to[0] === email)!.text)!
  expect((await test.call('POST', `/auth/email/${token}`)).status).toBe(204)
  expect(brief(await finish(mfaToken, code))).toEqual([401, 'auth.sign_in_expired'])
  const again = await login({ ...client, email })
  expect((await finish(again.mfaToken, await lastCode({ ...client, email }))).status).toBe(200)
})

it('is judged five times, and not once ten minutes are over', async () => {
  const client = await withPassword(await addMember(test, workspace, 'client'))
  await ask('everybody')
  const { mfaToken } = await login(client)
  const code = await lastCode(client)
  const answers = await Promise.all(Array.from({ length: 8 }, () => finish(mfaToken, other(code))))
  expect(answers.filter(({ body }) => body.code === 'auth.wrong_code').length).toBeLessThanOrEqual(5)
  expect(brief(await finish(mfaToken, code))).toEqual([401, 'auth.sign_in_expired'])
  const late = (await login(client)).mfaToken
  const good = await lastCode(client)
  test.clock.advance(10 * 60_000 + 1)
  expect(brief(await finish(late, good))).toEqual([401, 'auth.sign_in_expired'])
})

it('is offered to nobody else: not to staff, to operators, to who is more than a client, has shown no address, has another factor or is not asked', async () => {
  const other = await createWorkspace(test)
  const both = await withPassword(await addMember(test, workspace, 'client'))
  await addMember(test, other, 'staff', { user: both })
  const running = await withPassword(operator)
  await addMember(test, workspace, 'client', { user: running })
  await ask('everybody')
  for (const person of [
    await withPassword(await addMember(test, workspace, 'staff')),
    both,
    running,
    await withPassword(await addMember(test, workspace, 'client'), false),
  ]) expect((await login(person)).accessToken).toBeDefined()
  const holder = await withPassword(await addMember(test, workspace, 'client'))
  await addTotp(test, holder)
  expect((await login(holder)).methods).toEqual(['totp', 'recovery'])
  await ask('staff')
  expect((await login(await withPassword(await addMember(test, workspace, 'client')))).accessToken).toBeDefined()
  expect(smtp.mails).toEqual([])
})

it('counts no more for somebody who has set another one up meanwhile, and shows nobody again who they are', async () => {
  const client = await withPassword(await addMember(test, workspace, 'client'))
  await ask('everybody')
  const { mfaToken } = await login(client)
  const code = await lastCode(client)
  expect(brief(await test.call('POST', '/me/step-up', {
    token: client.token,
    body: { password: PASSWORD, method: 'email', code },
  }))).toEqual([400, 'request.invalid'])
  await addTotp(test, client)
  expect(brief(await finish(mfaToken, code))).toEqual(wrong)
})

it('without mail is not asked for: the workspace is shut to who has no other', async () => {
  const without = await useTestApp()
  const own = await createWorkspace(without)
  const client = await withPassword(await addMember(without, own, 'client'), true, without)
  await ask('everybody', without)
  const { accessToken } = await login(client, without)
  expect((await without.call('GET', '/me', { token: accessToken })).body.memberships[0].shutsAt).not.toBeNull()
})
