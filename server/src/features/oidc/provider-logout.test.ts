import type { TestUser } from '../../../test/factories.ts'
import type { LyingProvider, TestProvider } from '../../../test/oidc-providers.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { randomUUID } from 'node:crypto'
import { desc, eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, setUpInstance } from '../../../test/factories.ts'
import { whileHeld } from '../../../test/held.ts'
import { callbackOf, createOidcBrowser, HERE } from '../../../test/oidc-browser.ts'
import { CLIENT, startLyingProvider, startProvider } from '../../../test/oidc-providers.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { sessionIdOf } from '../auth/session-token.ts'
import { sessions } from '../auth/sessions.table.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

let test: TestApp
let real: TestProvider
let liar: LyingProvider
let browser: ReturnType<typeof createOidcBrowser>
const ids: Record<string, string> = {}

beforeAll(async () => {
  test = await createTestApp()
  const origin = await test.app.listen({ port: 0, host: '127.0.0.1' })
  const operator = await setUpInstance(test)
  real = await startProvider([
    callbackOf('harbour'),
  ], [`${HERE}/login`], undefined, `${origin}/api/v1/auth/oidc/harbour/logout`)
  liar = await startLyingProvider()
  browser = createOidcBrowser(test, () => real)
  for (const [slug, { issuer }] of [
    ['harbour', real],
    ['liar', liar],
  ] as const) {
    const { body } = await test.call('POST', '/admin/oidc-providers', {
      token: operator.token,
      body: {
        slug,
        name: `The ${slug} provider`,
        issuer,
        clientId: CLIENT.id,
        clientSecret: CLIENT.secret,
      },
    })
    ids[slug] = body.id
  }
})
afterAll(async () => {
  await test.close()
  await real.close()
  await liar.close()
})

const isOpen = async (id: string) => (await test.deps.db.select({ revokedAt: sessions.revokedAt }).from(sessions).where(eq(sessions.id, id)))[0]!.revokedAt === null
const stands = (cookie: string) => isOpen(sessionIdOf(cookie)!)
/** Somebody who is connected, and signed in by each of the providers' sessions. */
async function signedIn(login: string): Promise<{ user: TestUser, one: string, two: string }> {
  const user = await createUser(test)
  real.people[login] = {}
  await browser.connect('harbour', user, login)
  const [one, two] = [(await browser.signIn('harbour', login)).session!, (await browser.signIn('harbour', login)).session!]
  return { user, one, two }
}

describe('a sign-out at the provider', () => {
  it('ends the session that was begun by its session there, and no other', async () => {
    const { user, one, two } = await signedIn('ines')
    const other = await signedIn('omar')
    await real.signOut('ines')
    // By the last visit of hers: each is a browser of its own.
    await expect.poll(() => stands(two)).toBe(false)
    expect([await stands(one), await stands(other.two)]).toEqual([true, true])
    expect((await test.call('GET', '/me', { token: user.token })).status).toBe(200)
    expect(await toldEvents(test, eq(auditEvents.action, 'session.ended'))).toMatchObject([
      {
        actor: { name: 'The harbour provider' },
        subject: { id: user.id },
      },
    ])
  })
})

describe('a logout token', () => {
  let user: TestUser
  let sid: string
  let session: string
  const stand = (id = session) => isOpen(id)

  /** Signs in by the liar: its person is always `mallory`. */
  async function signInAs(theirSid: string): Promise<string> {
    liar.lie = {
      claims: { sid: theirSid },
    }
    const { url, state } = await browser.start('liar')
    await browser.comeBack(`${callbackOf('liar')}?${new URLSearchParams({
      code: url.searchParams.get('nonce')!,
      state,
      iss: liar.issuer,
    })}`, state)
    return (await test.deps.db.select({ id: sessions.id }).from(sessions).where(eq(sessions.oidcSid, theirSid)).orderBy(desc(sessions.createdAt)))[0]!.id
  }
  function send(lie: typeof liar.lie, slug = 'liar') {
    liar.lie = {
      ...lie,
      claims: {
        nonce: undefined,
        sid,
        jti: randomUUID(),
        events: { [EVENT]: {} },
        ...lie.claims,
      },
    }
    return sendToken(liar.tokenFor(undefined), slug)
  }
  const sendToken = (token: string, slug = 'liar') => test.call('POST', `/auth/oidc/${slug}/logout`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ logout_token: token }).toString(),
  })

  beforeAll(async () => {
    user = await createUser(test)
    liar.lie = {}
    const answer = await test.call('POST', '/me/oidc/liar', { token: user.token })
    const asked = new URL(answer.body.url).searchParams
    await browser.comeBack(`${callbackOf('liar')}?${new URLSearchParams({
      code: asked.get('nonce')!,
      state: asked.get('state')!,
      iss: liar.issuer,
    })}`, asked.get('state')!)
    sid = randomUUID()
    session = await signInAs(sid)
  })

  it.each<[string, typeof liar.lie]>([
    [
      'of no algorithm',
      {
        header: { alg: 'none' },
        signature: 'none',
      },
    ],
    [
      'summed with the public key',
      {
        header: { alg: 'HS256' },
        signature: 'by the public key',
      },
    ],
    [
      'signed by another key',
      { signature: 'by another key' },
    ],
    [
      'of another issuer',
      {
        claims: { iss: 'https://elsewhere.example' },
      },
    ],
    [
      'for somebody else',
      {
        claims: { aud: 'somebody-else' },
      },
    ],
    [
      'of five minutes ago',
      {
        claims: { iat: Math.floor(Date.now() / 1000) - 300 },
      },
    ],
    [
      'without a time',
      {
        claims: { iat: undefined },
      },
    ],
    [
      'of tomorrow',
      {
        claims: { iat: Math.floor(Date.now() / 1000) + 86_400 },
      },
    ],
    [
      'that is over',
      {
        claims: { exp: 2 },
      },
    ],
    [
      'with a nonce, as an ID token has',
      {
        claims: { nonce: 'x' },
      },
    ],
    [
      'without its event',
      {
        claims: { events: undefined },
      },
    ],
    [
      'of another event',
      {
        claims: {
          events: { 'https://elsewhere.example/event': {} },
        },
      },
    ],
    [
      'of an event that is none',
      {
        claims: {
          events: { [EVENT]: 'yes' },
        },
      },
    ],
    [
      'without a name of its own',
      {
        claims: { jti: undefined },
      },
    ],
    [
      'of nobody',
      {
        claims: { sub: undefined, sid: undefined },
      },
    ],
    [
      'of a session that is no text',
      {
        claims: {
          sid: { $ne: null },
        },
      },
    ],
    [
      'cut off',
      {
        token: token => token.slice(0, -20),
      },
    ],
    [
      'of another form',
      {
        token: () => 'not.a.token',
      },
    ],
  ])('%s ends nothing', async (_what, lie) => {
    const { status, body } = await send(lie)
    expect([status, body.code, await stand()]).toEqual([400, 'provider.wrong_answer', true])
  })

  it('ends nothing at another provider, of another person or session, or of none', async () => {
    expect((await send({}, 'harbour')).body.code).toBe('provider.wrong_answer')
    expect((await send({}, 'nowhere')).status).toBe(404)
    expect((await send({
      claims: { sub: 'somebody-else' },
    })).status).toBe(204)
    expect((await send({
      claims: { sid: 'another' },
    })).status).toBe(204)
    expect((await test.call('POST', '/auth/oidc/liar/logout', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'x=y',
    })).status).toBe(400)
    expect(await stand()).toBe(true)
  })

  it('that holds ends that session, and sent again it ends nothing that has begun since', async () => {
    const another = await signInAs('another session')
    expect((await send({})).status).toBe(204)
    const token = liar.tokenFor(undefined)
    expect([await stand(), await stand(another), (await test.call('GET', '/me', { token: user.token })).status]).toEqual([false, true, 200])
    onTestFinished(() => test.clock.set(null))
    test.clock.set(new Date(Date.now() + 60_000))
    const again = await signInAs(sid)
    expect([(await sendToken(token)).status, await stand(again)]).toEqual([204, true])
  })

  it('waits for whoever ends everything of the person, and is over then', async () => {
    const held = sql`with held as (select id from users where id = ${user.id} for update) update sessions set last_used_at = last_used_at from held where user_id = held.id`
    const answer = await whileHeld(test, held, () => send({
      claims: { sid: undefined },
    }), async (tx) => {
      // As whoever takes an account back does, to the end: here it is only looked whether it can.
      await tx.execute(sql`select id from oidc_identities where user_id = ${user.id} for update`)
    })
    expect(answer.status).toBe(204)
  })

  it('of a person ends all that was begun by the provider’s word for them, also what waits for a second factor', async () => {
    const [one, two] = [await signInAs('one'), await signInAs('two')]
    const totp = await addTotp(test, user)
    liar.lie = {}
    const { url, state } = await browser.start('liar')
    const { page } = await browser.comeBack(`${callbackOf('liar')}?${new URLSearchParams({
      code: url.searchParams.get('nonce')!,
      state,
      iss: liar.issuer,
    })}`, state)
    const { mfaToken } = JSON.parse(new URLSearchParams(page.hash.slice(1)).get('step')!)
    expect((await send({
      claims: { sid: undefined },
    })).status).toBe(204)
    expect([await stand(one), await stand(two)]).toEqual([false, false])
    expect((await test.call('POST', '/auth/mfa', {
      body: {
        mfaToken,
        method: 'totp',
        code: totp.nextCode(),
      },
    })).body.code).toBe('auth.sign_in_expired')
    expect((await test.call('GET', '/me', { token: user.token })).status).toBe(200)
  })
})
