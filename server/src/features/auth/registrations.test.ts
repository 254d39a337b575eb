import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { MailApp } from '../../../test/mail-app.ts'
import type { TestSmtp } from '../../../test/smtp-server.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { createMailApp } from '../../../test/mail-app.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { emailChanges } from '../users/email-changes.table.ts'
import { users } from '../users/users.table.ts'
import { registrations } from './registrations.table.ts'
import { throttles } from './throttles.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'
const DAY_MS = 86_400_000

let smtp: TestSmtp
let test: TestApp
let operator: TestUser
let close: MailApp['close']
let workspace: TestWorkspace
beforeAll(async () => {
  ;({ smtp, test, operator, close } = await createMailApp())
  workspace = await createWorkspace(test)
})
beforeEach(async () => {
  smtp.mails.length = 0
  await test.deps.db.delete(throttles)
})
afterAll(() => close())

const code = ({ status, body }: { status: number, body: any }) => body?.code
  ? [status, body.code]
  : status
const closed = [403, 'auth.registration_closed']
const gone = [404, 'auth.registration_not_found']
const rule = (registration: string, ...registrationDomains: string[]) => test.call('PATCH', '/admin/instance', {
  token: operator.token,
  body: {
    registration,
    ...registrationDomains.length > 0 && { registrationDomains },
  },
})
async function ask(email: string, language?: string) {
  const answer = await test.call('POST', '/auth/register', {
    body: { email, language },
  })
  await test.deps.registrations.settled()
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  return code(answer) === 202
    ? answer.body
    : code(answer)
}
const lastLink = () => `/auth/register/${/\/register#token=([\w-]{43})/.exec(smtp.mails.at(-1)!.text)?.[1]}`
const finish = (link: string, body: object = { name: 'Anna', password: PASSWORD }) => test.call('POST', link, { body })

describe('an account that somebody makes by themselves', () => {
  it('is finished by a link in a mail, once, and signed in to; the address is proved', async () => {
    await rule('open')
    expect((await test.call('GET', '/instance')).body.registration).toEqual({ mode: 'open', domains: [], isOpen: true })
    expect(await ask(' Anna+1@Example.org'.trim(), 'de')).toEqual({ accepted: true })
    expect(smtp.mails[0]!.headers.subject).toBe('Ihr Konto bei Test instance')
    const link = lastLink()
    expect((await test.call('GET', link)).body).toEqual({ email: 'Anna+1@Example.org' })
    expect(code(await finish(link, { name: 'Anna', password: 'password1234' }))).toEqual([400, 'auth.password_weak'])
    const both = await Promise.all([
      finish(link),
      finish(link),
    ])
    expect(both.map(code).map(String).sort()).toEqual([
      '201',
      String(gone),
    ])
    const made = both.find(({ status }) => status === 201)!
    expect(made.headers['set-cookie']).toMatch(/^clientshare-session=/)
    expect((await test.call('GET', '/me', { token: made.body.accessToken })).body).toMatchObject({
      name: 'Anna',
      email: 'Anna+1@Example.org',
      isEmailVerified: true,
      isOperator: false,
      memberships: [],
    })
    expect((await toldEvents(test, eq(auditEvents.subjectId, made.body.user.id))).map(({ action, actor }) => [action, actor.name])).toEqual([
      ['user.registered', 'Anna'],
      ['session.started', 'Anna'],
    ])
  })

  it('is not told to be there already: only who reads mail at the address learns it', async () => {
    await rule('open')
    const person = await createUser(test)
    expect(await ask(person.email.toUpperCase())).toEqual({ accepted: true })
    expect(smtp.mails).toHaveLength(1)
    expect(smtp.mails[0]!.text).not.toMatch(/#token=/)
    expect(await test.deps.db.$count(registrations, eq(registrations.emailKey, person.email))).toBe(0)
    // Nor is one made with an address that its owner may still get back.
    await test.deps.db.insert(emailChanges).values({
      id: person.sessionId,
      userId: person.id,
      fromEmail: 'before@example.org',
      fromKey: 'before@example.org',
      toEmail: person.email,
      toKey: person.email,
      isMailed: true,
      createdAt: new Date(),
      expiresAt: new Date(),
      changedAt: new Date(),
      undoUntil: new Date(Date.now() + DAY_MS),
    })
    await ask('before@example.org')
    expect(smtp.mails.at(-1)!.text).not.toMatch(/#token=/)
    // Somebody makes one in another way between the link and its use.
    await ask('soon@example.org')
    const link = lastLink()
    await test.deps.db.update(users).set({ email: 'soon@example.org', emailKey: 'soon@example.org' }).where(eq(users.id, person.id))
    expect(code(await finish(link))).toEqual(gone)
  })

  it('is for the listed domains alone where those decide, and for nobody where it is closed, also by a link from before', async () => {
    await rule('domain', ' @Example.NET', 'exämple.org', 'example.net')
    expect((await test.call('GET', '/instance')).body.registration).toEqual({
      mode: 'domain',
      domains: ['example.net', 'xn--exmple-cua.org'],
      isOpen: true,
    })
    expect(await ask('ana@exämple.org')).toEqual({ accepted: true })
    expect(await ask('ana@sub.example.net')).toEqual(closed)
    expect(await ask('ana@example.net')).toEqual({ accepted: true })
    const link = lastLink()
    await rule('invitation')
    expect(await ask('ana@example.net')).toEqual(closed)
    expect(code(await finish(link))).toEqual(closed)
    await rule('domain')
    expect(code(await finish(link))).toBe(201)
    expect(code(await test.call('PATCH', '/admin/instance', {
      token: operator.token,
      body: { registrationDomains: [] },
    }))).toEqual([400, 'request.invalid'])
    expect(code(await rule('domain', 'no domain'))).toEqual([400, 'request.invalid'])
    expect((await toldEvents(test, eq(auditEvents.action, 'instance.changed'))).at(-1)!.details).toEqual({
      registration: { from: 'invitation', to: 'domain' },
    })
  })

  it('counts no longer by a link that is old, replaced or cut off; and neither a place nor a mailbox gets many', async () => {
    await rule('open')
    await ask('again@example.org')
    const replaced = lastLink()
    await ask('again@example.org')
    const link = lastLink()
    expect(code(await finish(replaced))).toEqual(gone)
    expect(code(await finish(link.slice(0, -1)))).toEqual(gone)
    test.clock.advance(DAY_MS)
    expect(code(await finish(link))).toEqual(gone)
    test.clock.advance(-DAY_MS)
    for (let n = 2; n < 8; n++) expect(await ask('again@example.org')).toEqual({ accepted: true })
    expect(smtp.mails).toHaveLength(3)
    // Whoever asks in another's name shuts them out for half an hour, and no longer.
    test.clock.advance(30 * 60_000)
    expect(await ask('again@example.org')).toEqual({ accepted: true })
    expect(smtp.mails).toHaveLength(4)
    test.clock.advance(-30 * 60_000)
    for (let n = 8; n < 20; n++) await ask(`other${n}@example.org`)
    expect(await ask('one-more@example.org')).toEqual([429, 'rate.limited'])
  })
})

describe('an invitation', () => {
  const invite = async () => {
    const { url } = (await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
      token: workspace.owner.token,
      body: { role: 'staff' },
    })).body
    return `/public/invitations/${url.split('/').at(-1)}`
  }
  const accept = (path: string, email: string) => test.call('POST', `${path}/accept`, {
    body: { name: 'New', email, password: PASSWORD },
  })

  it('makes no account where it is closed, and answers who has none as who does not know their password', async () => {
    await rule('closed')
    const path = await invite()
    expect((await test.call('GET', path)).body.makesAccounts).toBe(false)
    const person = await createUser(test)
    expect(code(await accept(path, 'nobody@example.org'))).toEqual([401, 'auth.wrong_credentials'])
    expect(code(await accept(path, person.email))).toEqual([401, 'auth.wrong_credentials'])
    expect((await test.call('POST', `${path}/accept`, { token: person.token, body: {} })).status).toBe(200)
    await rule('invitation')
    expect(code(await accept(await invite(), 'nobody@example.org'))).toBe(200)
  })

  it('proves the address by the link in its mail, and by no other', async () => {
    await rule('invitation')
    const joined = async (email: string, byMail: boolean) => {
      const { url } = (await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
        token: workspace.owner.token,
        body: { role: 'staff', email },
      })).body
      await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
      const mailed = /\/invite\/([\w-]{43})/.exec(smtp.mails.at(-1)!.text)![1]!
      const shown = url.split('/').at(-1)
      expect(mailed).not.toBe(shown)
      expect((await accept(`/public/invitations/${byMail ? mailed : shown}`, email)).status).toBe(200)
      const [row] = await test.deps.db.select().from(users).where(eq(users.emailKey, email))
      return row!.emailVerifiedAt
    }
    expect(await joined('by-mail@example.org', true)).toBeInstanceOf(Date)
    expect(await joined('handed-on@example.org', false)).toBeNull()
  })
})

it('is closed where no mail is sent, whatever the settings say', async () => {
  const without = await useTestApp()
  const { token } = await setUpInstance(without)
  await without.call('PATCH', '/admin/instance', {
    token,
    body: { registration: 'open' },
  })
  expect((await without.call('GET', '/instance')).body.registration).toEqual({ mode: 'open', domains: [], isOpen: false })
  expect(code(await without.call('POST', '/auth/register', {
    body: { email: 'ana@example.org' },
  }))).toEqual(closed)
})
