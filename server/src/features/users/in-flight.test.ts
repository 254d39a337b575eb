import type { TestUser } from '../../../test/factories.ts'
import type { Answer, TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAuthenticator } from '../../../test/authenticator.ts'
import { createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { person, whileHeld } from '../../../test/held.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { codeOf } from '../../../test/totp-code.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { sessions } from '../auth/sessions.table.ts'
import { signInSteps } from '../auth/sign-in-steps.table.ts'
import { throttles } from '../auth/throttles.table.ts'
import { passkeys, totpFactors } from '../factors/factors.table.ts'
import { accessTokens } from '../tokens/tokens.table.ts'
import { endSessions } from './accounts.service.ts'
import { emailChanges } from './email-changes.table.ts'
import { users } from './users.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'
const ANOTHER = 'fog-behind-the-harbour-crane'

let test: TestApp
let passwordHash: string
let anotherHash: string
beforeAll(async () => {
  test = await createTestApp()
  await setUpInstance(test)
  passwordHash = await hashPassword(PASSWORD)
  anotherHash = await hashPassword(ANOTHER)
})
beforeEach(async () => { await test.deps.db.delete(throttles) })
afterAll(() => test.close())

const code = ({ status, body }: Answer) => [status, body?.code]
async function createAccount(): Promise<TestUser> {
  const user = await createUser(test)
  await test.deps.db.update(users).set({ passwordHash }).where(eq(users.id, user.id))
  return user
}
const post = ({ token }: TestUser, path: string, body: object) => test.call('POST', path, { token, body })
const login = ({ email }: TestUser) => test.call('POST', '/auth/login', {
  body: { email, password: PASSWORD },
})

describe('what a session has begun when everything of its person ends', () => {
  const endAll = (user: TestUser, begin: () => Promise<Answer>) => whileHeld(test, person(user), begin, tx => endSessions(tx, test.deps.clock(), { userId: user.id }))
  const ended = [401, 'auth.unauthenticated']

  it('makes no access token', async () => {
    const user = await createAccount()
    expect(code(await endAll(user, () => post(user, '/me/tokens', {
      name: 'x',
      scopes: ['read'],
    })))).toEqual(ended)
    expect(await test.deps.db.$count(accessTokens, eq(accessTokens.userId, user.id))).toBe(0)
  })

  it('asks for no other address', async () => {
    const user = await createAccount()
    expect(code(await endAll(user, () => post(user, '/me/email', { email: 'mallory@example.net', password: PASSWORD })))).toEqual(ended)
    expect(await test.deps.db.$count(emailChanges, eq(emailChanges.userId, user.id))).toBe(0)
  })

  it('changes no password', async () => {
    const user = await createAccount()
    expect(code(await endAll(user, () => post(user, '/me/password', { currentPassword: PASSWORD, newPassword: ANOTHER })))).toEqual(ended)
    expect((await login(user)).status).toBe(200)
  })

  it('adds no passkey and no authenticator app', async () => {
    const user = await createAccount()
    const key = createAuthenticator({ origin: test.config.publicUrl })
    const response = key.create((await post(user, '/me/passkeys/options', {})).body)
    const { body: { secret } } = await post(user, '/me/totp', {})
    expect(code(await endAll(user, () => post(user, '/me/passkeys', { name: 'x', response })))).toEqual(ended)
    expect(await test.deps.db.$count(passkeys, eq(passkeys.userId, user.id))).toBe(0)

    await test.deps.db.update(sessions).set({ revokedAt: null }).where(eq(sessions.id, user.sessionId))
    expect(code(await endAll(user, () => post(user, '/me/totp/confirm', {
      code: codeOf(secret, test.clock.now()),
    })))).toEqual(ended)
    expect((await test.deps.db.select().from(totpFactors).where(eq(totpFactors.userId, user.id)))[0]!.confirmedAt).toBeNull()
  })

  it('makes nothing that would count again once a disabled account is enabled', async () => {
    const user = await createAccount()
    expect(code(await whileHeld(test, person(user), () => post(user, '/me/tokens', {
      name: 'x',
      scopes: ['read'],
    }), tx => tx.update(users).set({
      disabledAt: test.deps.clock(),
    }).where(eq(users.id, user.id))))).toEqual(ended)
    expect(await test.deps.db.$count(accessTokens, eq(accessTokens.userId, user.id))).toBe(0)
  })
})

describe('a sign-in that is under way', () => {
  const refused = [401, 'auth.wrong_credentials']
  const setAnother = (user: TestUser, begin: () => Promise<Answer>) => whileHeld(test, person(user), begin, async (tx) => {
    await tx.update(users).set({ passwordHash: anotherHash }).where(eq(users.id, user.id))
    await endSessions(tx, test.deps.clock(), { userId: user.id })
  })

  it('ends with the password that it was begun by', async () => {
    const user = await createAccount()
    expect(code(await setAnother(user, () => login(user)))).toEqual(refused)
    const holder = await createAccount()
    await addTotp(test, holder)
    expect(code(await setAnother(holder, () => login(holder)))).toEqual(refused)
    expect(await test.deps.db.$count(signInSteps, eq(signInSteps.userId, holder.id))).toBe(0)
  })

  it('ends with the account that is disabled, by a passkey too', async () => {
    const disable = (user: TestUser, begin: () => Promise<Answer>) => whileHeld(test, person(user), begin, tx => tx.update(users).set({
      disabledAt: test.deps.clock(),
    }).where(eq(users.id, user.id)))
    const user = await createAccount()
    expect(code(await disable(user, () => login(user)))).toEqual(refused)
    const holder = await createAccount()
    const key = createAuthenticator({ origin: test.config.publicUrl })
    expect((await post(holder, '/me/passkeys', {
      name: 'x',
      response: key.create((await post(holder, '/me/passkeys/options', {})).body),
    })).status).toBe(201)
    const response = key.get((await test.call('POST', '/auth/passkey/options')).body)
    expect(code(await disable(holder, () => test.call('POST', '/auth/passkey', {
      body: { response },
    })))).toEqual([400, 'auth.passkey_refused'])
  })

  it('ends with the password at an invitation, too, which stays unused', async () => {
    const user = await createAccount()
    const workspace = await createWorkspace(test)
    const { body: { url } } = await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
      token: workspace.owner.token,
      body: { role: 'staff' },
    })
    const path = `/public/invitations/${url.split('/').at(-1)}`
    expect(code(await setAnother(user, () => test.call('POST', `${path}/accept`, {
      body: { email: user.email, password: PASSWORD },
    })))).toEqual(refused)
    expect((await test.call('GET', path)).status).toBe(200)
  })
})
