import type { Authenticator } from '../../../test/authenticator.ts'
import type { TestUser } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createAuthenticator } from '../../../test/authenticator.ts'
import { createUser, setUpInstance } from '../../../test/factories.ts'
import { person, whileHeld } from '../../../test/held.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { users } from '../users/users.table.ts'
import { passkeys } from './factors.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'

let test: TestApp
let origin: string
let passwordHash: string
beforeAll(async () => {
  test = await createTestApp()
  origin = test.config.publicUrl
  await setUpInstance(test)
  passwordHash = await hashPassword(PASSWORD)
})
afterAll(() => test.close())

const codeIn = ({ status, body }: { status: number, body: any }) => [status, body?.code]
const refused = [400, 'auth.passkey_refused']

async function createHolder(): Promise<{ user: TestUser, key: Authenticator, added: any }> {
  const user = await createUser(test)
  await test.deps.db.update(users).set({ passwordHash }).where(eq(users.id, user.id))
  const key = createAuthenticator({ origin })
  const added = await add(user, key)
  return { user, key, added }
}
const creation = async ({ token }: TestUser) => (await test.call('POST', '/me/passkeys/options', { token })).body
const put = ({ token }: TestUser, response: object) => test.call('POST', '/me/passkeys', {
  token,
  body: { name: 'Ana’s phone', response },
})
const add = async (user: TestUser, key: Authenticator) => put(user, key.create(await creation(user)))
const login = async ({ email }: TestUser) => (await test.call('POST', '/auth/login', {
  body: { email, password: PASSWORD },
})).body
const finish = (mfaToken: string, response: object) => test.call('POST', '/auth/mfa', {
  body: { mfaToken, method: 'passkey', response },
})
const alone = (response: object) => test.call('POST', '/auth/passkey', {
  body: { response },
})
const ask = async () => (await test.call('POST', '/auth/passkey/options')).body

describe('a passkey', () => {
  it('is added by its person once, for this address, to what was asked lately', async () => {
    const { user, key, added } = await createHolder()
    expect([added.status, added.body.recoveryCodes]).toEqual([
      201,
      expect.arrayContaining([
        expect.any(String),
      ]),
    ])
    const options = await creation(user)
    expect(options).toMatchObject({
      rp: { id: 'localhost', name: 'Test instance' },
      user: { name: user.email },
      excludeCredentials: [
        { id: key.id },
      ],
    })
    expect(codeIn(await put(user, key.create(options)))).toEqual([409, 'auth.factor_exists'])
    const [other, another] = [
      await createUser(test),
      createAuthenticator({ origin }),
    ]
    const asked = await creation(user)
    for (const response of [
      another.create(asked, { at: 'https://evil.example' }),
      another.create(await creation(user), { rpId: 'evil.example' }),
      // What it was asked for is over with the first answer.
      another.create(asked),
      another.create(await creation(other)),
      another.create({ challenge: 'made-up' }),
    ]) expect(codeIn(await put(user, response))).toEqual(refused)
    const late = await creation(user)
    test.clock.advance(5 * 60_000)
    expect(codeIn(await put(user, another.create(late)))).toEqual(refused)
    expect((await test.call('GET', '/me/factors', { token: user.token })).body.passkeys).toMatchObject([
      { name: 'Ana’s phone', isBackedUp: false, lastUsedAt: null },
    ])
    const [passkey] = await test.deps.db.select().from(passkeys).where(eq(passkeys.userId, user.id))
    const path = `/me/passkeys/${passkey!.id}`
    const name = 'The green key'
    expect(codeIn(await test.call('DELETE', path, { token: other.token }))).toEqual([404, 'not_found'])
    expect(codeIn(await test.call('PATCH', path, {
      token: other.token,
      body: { name },
    }))).toEqual([404, 'not_found'])
    for (const times of [1, 2]) {
      expect((await test.call('PATCH', path, {
        token: user.token,
        body: { name },
      })).status, `time ${times}`).toBe(204)
    }
    expect((await test.call('DELETE', path, { token: user.token })).status).toBe(204)
    expect((await test.call('GET', '/me/factors', { token: user.token })).body).toEqual({ totp: null, passkeys: [], recoveryCodes: null })
    expect((await toldEvents(test, eq(auditEvents.subjectId, user.id))).map(({ action, details }) => [action, details])).toEqual([
      [
        'user.factor_added',
        { factor: 'passkey', name: 'Ana’s phone' },
      ],
      [
        'user.passkey_renamed',
        { from: 'Ana’s phone', to: name },
      ],
      [
        'user.factor_removed',
        { factor: 'passkey', name },
      ],
    ])
  })

  it('is the second step of a sign-in, verified or not, and signs its challenge once', async () => {
    const { user, key } = await createHolder()
    const { mfaToken, methods, passkey } = await login(user)
    expect([methods, passkey.allowCredentials]).toEqual([
      ['passkey', 'recovery'],
      [
        {
          id: key.id,
          transports: ['internal'],
          type: 'public-key',
        },
      ],
    ])
    const response = key.get(passkey, { isVerified: false })
    const done = await finish(mfaToken, response)
    expect([done.status, done.body.user.id]).toEqual([200, user.id])
    expect(codeIn(await finish((await login(user)).mfaToken, response))).toEqual(refused)
    const other = await createHolder()
    const theirs = await login(other.user)
    // Another person's passkey, and one that signed for another site.
    expect(codeIn(await finish(theirs.mfaToken, key.get(theirs.passkey)))).toEqual(refused)
    expect(codeIn(await finish(theirs.mfaToken, other.key.get(theirs.passkey, { at: 'https://evil.example' })))).toEqual(refused)
  })

  it('is refused for another site, as a copy that counts less, and when its answer was changed or cut', async () => {
    const { user, key } = await createHolder()
    expect((await alone(key.get(await ask(), { count: 7 }))).status).toBe(200)
    expect(codeIn(await alone(key.get(await ask(), { count: 7 })))).toEqual(refused)
    expect(codeIn(await alone(key.get(await ask(), { count: 8, rpId: 'evil.example' })))).toEqual(refused)
    const parts = ['clientDataJSON', 'authenticatorData', 'signature'] as const
    for (const part of parts) {
      for (const change of [
        (text: string) => text.slice(0, -4),
        (text: string) => text.slice(0, 4),
        (text: string) => Buffer.from(Buffer.from(text, 'base64url').map((byte, n) => n === 33
          ? byte ^ 1
          : byte)).toString('base64url'),
      ]) {
        const answer = key.get(await ask(), { count: 9 })
        expect.soft(codeIn(await alone({
          ...answer,
          response: {
            ...answer.response,
            [part]: change(answer.response[part]),
          },
        })), `${part} ${change}`).toEqual(refused)
      }
    }
    expect(codeIn(await alone({
      ...key.get(await ask()),
      id: 'not base64',
    }))).toEqual([400, 'request.invalid'])
    const late = await ask()
    test.clock.advance(5 * 60_000)
    expect(codeIn(await alone(key.get(late, { count: 9 })))).toEqual(refused)
    // Of two that come at once with one answer, one signs in.
    const answer = key.get(await ask(), { count: 9 })
    expect((await Promise.all([
      alone(answer),
      alone(answer),
    ])).map(({ status }) => status).sort()).toEqual([200, 400])
    expect((await test.call('GET', '/me/factors', { token: user.token })).body.passkeys).toMatchObject([
      {
        lastUsedAt: expect.any(String),
      },
    ])
  })

  it('signs in alone when it verified who holds it, and steps up so', async () => {
    const { user, key } = await createHolder()
    const options = await ask()
    expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required' })
    expect(options.allowCredentials).toBeUndefined()
    expect(codeIn(await alone(key.get(options, { isVerified: false })))).toEqual(refused)
    expect(codeIn(await alone(key.get(await ask(), { at: 'http://localhost:3001' })))).toEqual(refused)
    expect(codeIn(await alone(createAuthenticator({ origin }).get(await ask())))).toEqual(refused)
    // What a person was asked for their second step is no sign-in by itself, and the other way round.
    expect(codeIn(await alone(key.get((await login(user)).passkey)))).toEqual(refused)
    expect(codeIn(await finish((await login(user)).mfaToken, key.get(await ask())))).toEqual(refused)
    const response = key.get(await ask())
    const done = await alone(response)
    expect([done.status, done.body.user.id]).toEqual([200, user.id])
    expect(codeIn(await alone(response))).toEqual(refused)

    const token = done.body.accessToken
    const stepUp = async (body: (passkey: { challenge: string }) => object) => test.call('POST', '/me/step-up', {
      token,
      body: body((await test.call('POST', '/me/step-up/options', { token })).body.passkey),
    })
    expect(codeIn(await stepUp(passkey => ({
      method: 'passkey',
      response: key.get(passkey, { isVerified: false }),
    })))).toEqual(refused)
    expect((await stepUp(passkey => ({
      method: 'passkey',
      response: key.get(passkey),
    }))).status).toBe(204)
    expect((await stepUp(passkey => ({
      password: PASSWORD,
      method: 'passkey',
      response: key.get(passkey, { isVerified: false }),
    }))).status).toBe(204)
    await test.deps.db.update(users).set({
      disabledAt: test.clock.now(),
    }).where(eq(users.id, user.id))
    expect(codeIn(await alone(key.get(await ask())))).toEqual(refused)
  })
})

it('waits for whoever takes its person’s ways in away, and holds nothing that they need: neither fails', async () => {
  const { user, key } = await createHolder()
  const response = key.get(await ask())
  // As an e-mail change that is taken back does it: the person first, then what is theirs.
  const answer = await whileHeld(test, person(user), () => alone(response), tx => tx.delete(passkeys).where(eq(passkeys.userId, user.id)))
  expect(codeIn(answer)).toEqual(refused)
})
