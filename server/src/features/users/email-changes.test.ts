import type { Authenticator } from '../../../test/authenticator.ts'
import type { TestUser } from '../../../test/factories.ts'
import type { MailApp } from '../../../test/mail-app.ts'
import type { TestSmtp } from '../../../test/smtp-server.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createAuthenticator } from '../../../test/authenticator.ts'
import { createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createMailApp } from '../../../test/mail-app.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { throttles } from '../auth/throttles.table.ts'
import { recoveryCodes } from '../factors/factors.table.ts'
import { oidcProviders } from '../oidc/oidc-providers.table.ts'
import { oidcIdentities } from '../oidc/oidc.table.ts'
import { createAccountsService } from './accounts.service.ts'
import { emailChanges } from './email-changes.table.ts'
import { emailKey } from './email-key.ts'
import { users } from './users.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'
const HOUR_MS = 3_600_000

let smtp: TestSmtp
let test: TestApp
let operator: TestUser
let close: MailApp['close']
let passwordHash: string
beforeAll(async () => {
  passwordHash = await hashPassword(PASSWORD)
  ;({ smtp, test, operator, close } = await createMailApp())
})
beforeEach(async () => {
  smtp.mails.length = 0
  await test.deps.db.delete(throttles)
})
afterAll(() => close())

const code = ({ status, body }: { status: number, body: any }) => body?.code
  ? [status, body.code]
  : status

async function createAccount(on = test): Promise<TestUser> {
  const user = await createUser(on)
  await on.deps.db.update(users).set({ passwordHash }).where(eq(users.id, user.id))
  return user
}
const rowOf = async ({ id }: TestUser, on = test) => (await on.deps.db.select().from(users).where(eq(users.id, id)))[0]!
const login = async (email: string, password = PASSWORD) => (await test.call('POST', '/auth/login', {
  body: { email, password },
})).status

async function ask(user: TestUser, email: string, password = PASSWORD) {
  const answer = await test.call('POST', '/me/email', {
    token: user.token,
    body: { email, password },
  })
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  return code(answer) === 202
    ? answer.body
    : code(answer)
}
const mailsTo = (address: string) => smtp.mails.filter(({ to }) => to[0]!.toLowerCase() === address.toLowerCase())
const linkIn = (address: string, page = 'confirm-email') => {
  const [, token] = new RegExp(`/${page}#token=([\\w-]{43})`).exec(mailsTo(address).at(-1)!.text)!
  return `/auth/email/${token}`
}
const confirm = async (link: string) => {
  const answer = code(await test.call('POST', link))
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  return answer
}

describe('another address', () => {
  it('is the person’s once they confirm it from there, is told to both, and what came before stays as it was', async () => {
    const person = await createAccount()
    const [from, to] = [person.email, 'Anna.New+files@example.org']
    expect(await ask(person, ` ${to} `.trim())).toEqual({ accepted: true })
    expect(await login(from)).toBe(200)
    expect(mailsTo(from)[0]!.text).toContain('Anna.New')
    expect(mailsTo(from)[0]!.text).not.toMatch(/#token=/)
    const link = linkIn(to)
    expect((await test.call('GET', link)).body).toEqual({
      kind: 'confirm',
      name: person.name,
      from,
      to,
    })
    expect((await rowOf(person)).email).toBe(from)

    expect((await Promise.all([
      confirm(link),
      confirm(link),
    ])).map(String).sort()).toEqual(['204', '404,auth.email_link_not_found'])
    expect(await rowOf(person)).toMatchObject({
      email: to,
      emailKey: to.toLowerCase(),
      emailVerifiedAt: expect.any(Date),
    })
    expect((await test.call('GET', '/me', { token: person.token })).body).toMatchObject({ email: to, isEmailVerified: true })
    expect(await login(to.toUpperCase())).toBe(200)
    expect(await login(from)).toBe(401)
    expect(mailsTo(from)).toHaveLength(2)
    expect((await toldEvents(test, eq(auditEvents.subjectId, person.id))).filter(({ action }) => action.startsWith('user.')).map(({ action, actor, details }) => [action, actor.name, details])).toEqual([
      [
        'user.email_change_asked',
        person.name,
        { to },
      ],
      [
        'user.email_changed',
        person.name,
        { from, to, isVerified: true },
      ],
    ])
  })

  it('is taken back from the old one within 72 hours, which ends all that was signed in and asks for a new password', async () => {
    const person = await createAccount()
    const { token } = (await test.call('POST', '/me/tokens', {
      token: person.token,
      body: {
        name: 'x',
        scopes: ['read'],
      },
    })).body
    const [from, first, second] = [person.email, 'thief@example.net', 'thief-again@example.net']
    await ask(person, first)
    await confirm(linkIn(first))
    const undo = linkIn(from, 'undo-email-change')
    expect((await test.call('GET', undo)).body).toEqual({
      kind: 'undo',
      name: person.name,
      from,
      to: first,
    })
    // Once more does not wash it away, and nobody else gets the address meanwhile.
    await ask(person, second)
    await confirm(linkIn(second))
    const other = await createAccount()
    await ask(other, from)
    expect(mailsTo(from).at(-1)!.text).not.toMatch(/#token=/)

    const taken = await test.call('POST', `${undo}/undo`)
    expect(taken.status).toBe(200)
    expect(await rowOf(person)).toMatchObject({
      email: from,
      passwordHash: null,
      emailVerifiedAt: expect.any(Date),
    })
    expect((await test.call('GET', '/me', { token: person.token })).status).toBe(401)
    expect((await test.call('GET', '/workspaces', { token })).status).toBe(401)
    expect(await login(from)).toBe(401)
    expect(code(await test.call('POST', `${undo}/undo`))).toEqual([404, 'auth.email_link_not_found'])
    expect(code(await test.call('POST', `${linkIn(first, 'undo-email-change')}/undo`))).toEqual([404, 'auth.email_link_not_found'])
    const { hash } = new URL(taken.body.url)
    expect(code(await test.call('POST', `/auth/password-reset/${hash.slice('#token='.length)}`, {
      body: { password: 'nine gulls over the lock' },
    }))).toBe(204)
    expect(await login(from, 'nine gulls over the lock')).toBe(200)
    expect((await toldEvents(test, eq(auditEvents.action, 'user.email_change_undone'))).at(-1)).toMatchObject({
      actor: { name: person.name },
      details: {
        from: second,
        to: from,
        endedSessions: expect.any(Number),
        endedTokens: 1,
      },
    })
  })

  it('is wished for no longer once a password was set or the sessions were ended: whoever wished for it may have been another', async () => {
    const ends: Record<string, (person: TestUser) => Promise<number>> = {
      change: async ({ token }) => (await test.call('POST', '/me/password', {
        token,
        body: { currentPassword: PASSWORD, newPassword: 'nine gulls over the lock' },
      })).status,
      async reset({ id }) {
        const { url } = (await test.call('POST', `/admin/users/${id}/reset-link`, { token: operator.token })).body
        return (await test.call('POST', `/auth/password-reset/${new URL(url).hash.slice('#token='.length)}`, {
          body: { password: 'nine gulls over the lock' },
        })).status
      },
      byOperator: async ({ id }) => (await test.call('POST', `/admin/users/${id}/end-sessions`, { token: operator.token })).status,
      byMachine: ({ email }) => createAccountsService(test.deps).resetPassword(email, 'nine gulls over the lock').then(() => 204),
    }
    for (const [how, end] of Object.entries(ends)) {
      const person = await createAccount()
      await ask(person, `mallory-${how}@example.net`)
      expect(await end(person), how).toBeLessThan(300)
      expect(await confirm(linkIn(`mallory-${how}@example.net`)), how).toEqual([404, 'auth.email_link_not_found'])
      expect((await rowOf(person)).email, how).toBe(person.email)
    }
  })

  it('is taken back with all that was added to sign in with since; what was there before stays', async () => {
    const person = await createAccount()
    const origin = test.config.publicUrl
    const addKey = async (name: string) => {
      const key = createAuthenticator({ origin })
      const { body: options } = await test.call('POST', '/me/passkeys/options', { token: person.token })
      expect((await test.call('POST', '/me/passkeys', {
        token: person.token,
        body: {
          name,
          response: key.create(options),
        },
      })).status).toBe(201)
      return key
    }
    const signInBy = async (key: Authenticator) => (await test.call('POST', '/auth/passkey', {
      body: {
        response: key.get((await test.call('POST', '/auth/passkey/options')).body),
      },
    })).status
    const own = await addKey('Own key')
    const provider = {
      id: randomUUIDv7(),
      slug: 'undone',
      name: 'The provider',
    }
    await test.deps.db.insert(oidcProviders).values({
      ...provider,
      issuer: 'https://provider.example',
      clientId: 'x',
      createdAt: test.clock.now(),
      updatedAt: test.clock.now(),
    })
    test.clock.advance(1000)
    await ask(person, 'taker@example.net')
    await confirm(linkIn('taker@example.net'))
    const theirs = await addKey('Their key')
    await addTotp(test, person)
    await test.deps.db.insert(oidcIdentities).values({
      id: randomUUIDv7(),
      providerId: provider.id,
      subject: 'mallory',
      userId: person.id,
      label: 'mallory',
      createdAt: test.clock.now(),
      lastUsedAt: test.clock.now(),
    })
    expect((await test.call('POST', `${linkIn(person.email, 'undo-email-change')}/undo`)).status).toBe(200)
    expect([await signInBy(theirs), await signInBy(own)]).toEqual([400, 200])
    expect(await test.deps.secondFactors.methodsOf(person.id)).toEqual(['passkey', 'recovery'])
    expect(await test.deps.db.$count(oidcIdentities, eq(oidcIdentities.userId, person.id))).toBe(0)
    expect((await toldEvents(test, eq(auditEvents.action, 'user.email_change_undone'))).at(-1)!.details).toMatchObject({
      removed: ['Their key', 'totp', 'The provider'],
    })
  })

  it('leaves nobody the recovery codes of a factor that went', async () => {
    const person = await createAccount()
    await ask(person, 'coder@example.net')
    await confirm(linkIn('coder@example.net'))
    await addTotp(test, person)
    await test.call('POST', `${linkIn(person.email, 'undo-email-change')}/undo`)
    expect(await test.deps.db.$count(recoveryCodes, eq(recoveryCodes.userId, person.id))).toBe(0)
  })

  it('leaves the one before to nobody else while it may be taken back, by an invitation or on the machine either', async () => {
    const [person, workspace] = [await createAccount(), await createWorkspace(test)]
    await ask(person, 'mover@example.net')
    await confirm(linkIn('mover@example.net'))
    const { body: { url } } = await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
      token: workspace.owner.token,
      body: { role: 'staff' },
    })
    expect(code(await test.call('POST', `/public/invitations/${url.split('/').at(-1)}/accept`, {
      body: { email: person.email, name: 'Somebody else', password: 'nine gulls over the lock' },
    }))).toEqual([401, 'auth.wrong_credentials'])
    await expect(createAccountsService(test.deps).createOperator({ email: person.email, name: 'Somebody else', password: 'nine gulls over the lock' })).rejects.toThrow('already')

    // Somebody has it after all.
    const other = await createAccount()
    await test.deps.db.update(users).set({ email: person.email, emailKey: person.email }).where(eq(users.id, other.id))
    const undo = `${linkIn(person.email, 'undo-email-change')}/undo`
    expect(code(await test.call('POST', undo))).toEqual([409, 'user.email_taken'])
    await test.deps.db.update(users).set({ email: other.email, emailKey: other.email }).where(eq(users.id, other.id))
    expect((await test.call('POST', undo)).status).toBe(200)
  })

  it('is not told to be somebody’s: only who reads mail there learns it', async () => {
    const [person, other] = [await createAccount(), await createAccount()]
    expect(await ask(person, other.email.toUpperCase())).toEqual({ accepted: true })
    expect(mailsTo(other.email).map(({ text }) => /#token=/.test(text))).toEqual([false])
    expect(await test.deps.db.$count(emailChanges, eq(emailChanges.userId, person.id))).toBe(0)
    // Somebody takes it between the link and its use.
    await ask(person, 'soon-taken@example.org')
    const link = linkIn('soon-taken@example.org')
    await test.deps.db.update(users).set({ email: 'soon-taken@example.org', emailKey: 'soon-taken@example.org' }).where(eq(users.id, other.id))
    expect(await confirm(link)).toEqual([404, 'auth.email_link_not_found'])
    expect((await rowOf(person)).email).toBe(person.email)
  })

  it('needs the password, whose guesses count, and a mailbox that there can be', async () => {
    const person = await createAccount()
    expect(await ask(person, 'new@example.org', 'wrong')).toEqual([400, 'auth.wrong_password'])
    expect(await ask(person, 'a"b@example.org')).toEqual([400, 'request.invalid'])
    expect(await ask(person, 'no-address')).toEqual([400, 'request.invalid'])
    expect(await ask(person, `${'x'.repeat(64)}@${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}.example`)).toEqual([400, 'request.invalid'])
    for (let n = 0; n < 4; n++) expect(await ask(person, 'new@example.org')).toEqual({ accepted: true })
    expect(await ask(person, 'new@example.org')).toEqual([429, 'rate.limited'])
    expect(smtp.mails.length).toBeGreaterThan(0)
  })

  it('needs no password of whoever has none, but that they showed just now who they are', async () => {
    const person = await createAccount()
    const { body: { accessToken } } = await test.call('POST', '/auth/login', {
      body: { email: person.email, password: PASSWORD },
    })
    const without = async () => code(await test.call('POST', '/me/email', {
      token: accessToken,
      body: { email: 'rosa.new@example.org' },
    }))
    expect(await without()).toEqual([400, 'auth.wrong_password'])
    await test.deps.db.update(users).set({ passwordHash: null }).where(eq(users.id, person.id))
    expect(await without()).toBe(202)
    test.clock.advance(6 * 60_000)
    expect(await without()).toEqual([403, 'auth.step_up_required'])
  })

  it('is one account’s whatever its case and form', async () => {
    const person = await createAccount()
    const long = `${'l'.repeat(64)}@${'d'.repeat(63)}.${'d'.repeat(63)}.${'d'.repeat(56)}.com`
    // As long as the server that the test speaks with takes them; the longest there is, see below.
    expect(long).toHaveLength(253)
    for (const address of [
      'Jürgen+1@Exämple.org',
      'O\'Hara@example.org',
      long,
    ]) {
      await test.deps.db.delete(throttles)
      expect(await ask(person, address), address).toEqual({ accepted: true })
      const [row] = await test.deps.db.select().from(emailChanges).where(eq(emailChanges.toEmail, address))
      const mail = smtp.mails.findLast(({ text }) => /confirm-email#token=/.test(text))!
      expect(await confirm(`/auth/email/${/confirm-email#token=([\w-]{43})/.exec(mail.text)![1]}`), address).toBe(204)
      expect(row!.toKey).toBe(emailKey(address))
      expect(await login(address.normalize('NFD').toUpperCase()), address).toBe(200)
    }
  })

  it('proves the one that the person has, and changes nothing else by it', async () => {
    const person = await createAccount()
    expect((await test.call('GET', '/me', { token: person.token })).body.isEmailVerified).toBe(false)
    await ask(person, person.email)
    expect(await confirm(linkIn(person.email))).toBe(204)
    expect(await rowOf(person)).toMatchObject({
      email: person.email,
      emailVerifiedAt: expect.any(Date),
    })
    expect(mailsTo(person.email)).toHaveLength(1)
  })

  it('counts no longer when it is old, replaced or cut off, or its account is disabled, and is cleared away', async () => {
    const person = await createAccount()
    await ask(person, 'one@example.org')
    const replaced = linkIn('one@example.org')
    await ask(person, 'two@example.org')
    const link = linkIn('two@example.org')
    const gone = [404, 'auth.email_link_not_found']
    expect(await confirm(replaced)).toEqual(gone)
    expect(await confirm(link.slice(0, -1))).toEqual(gone)
    const disable = (disabled: boolean) => test.call('PATCH', `/admin/users/${person.id}`, {
      token: operator.token,
      body: { disabled },
    })
    await disable(true)
    expect(await confirm(link)).toEqual(gone)
    await disable(false)
    try {
      test.clock.advance(24 * HOUR_MS)
      expect(await confirm(link)).toEqual(gone)
      test.clock.advance(1000)
      await purgeDue(test)
      expect(await test.deps.db.$count(emailChanges, eq(emailChanges.userId, person.id))).toBe(0)
    }
    finally {
      test.clock.advance(-24 * HOUR_MS - 1000)
    }
  })
})

describe('without mail', () => {
  it('an operator passes the link on, and never whoever asked', async () => {
    const test = await useTestApp()
    const operator = await setUpInstance(test)
    const [person, other] = [await createAccount(test), await createAccount(test)]
    const ask = (email: string) => test.call('POST', '/me/email', {
      token: person.token,
      body: { email, password: PASSWORD },
    })
    const makeLink = () => test.call('POST', `/admin/users/${person.id}/email-link`, { token: operator.token })
    expect(code(await makeLink())).toEqual([404, 'not_found'])
    expect((await ask(other.email)).body).toEqual({ accepted: true })
    expect(code(await makeLink())).toEqual([409, 'user.email_taken'])
    const handed = `${'h'.repeat(64)}@${'d'.repeat(63)}.${'d'.repeat(63)}.${'d'.repeat(57)}.com`
    expect(handed).toHaveLength(254)
    expect((await ask(`${handed}x`)).status).toBe(400)
    expect((await ask(handed)).body).toEqual({ accepted: true })
    const listed = (await test.call('GET', '/admin/users', { token: operator.token })).body.items.find(({ id }: { id: string }) => id === person.id)
    expect(listed).toMatchObject({ pendingEmail: handed, isEmailVerified: false })
    const { url } = (await makeLink()).body
    expect(code(await test.call('POST', `/auth/email/${new URL(url).hash.slice('#token='.length)}`))).toBe(204)
    // Nobody has shown that they read mail there.
    expect(await rowOf(person, test)).toMatchObject({ email: handed, emailVerifiedAt: null })
  })
})
