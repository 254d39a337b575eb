import type { TestUser } from '../../../test/factories.ts'
import type { MailApp } from '../../../test/mail-app.ts'
import type { TestSmtp } from '../../../test/smtp-server.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, setUpInstance } from '../../../test/factories.ts'
import { createMailApp } from '../../../test/mail-app.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { passwordResets } from './password-resets.table.ts'
import { users } from './users.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'

let smtp: TestSmtp
let test: TestApp
let operator: TestUser
let close: MailApp['close']
beforeEach(async () => {
  ;({ smtp, test, operator, close } = await createMailApp())
})
afterEach(() => close())

async function ask(email: string, { ip = '198.51.100.1', language }: { ip?: string, language?: string } = {}): Promise<[number, unknown]> {
  const response = await test.app.inject({
    method: 'POST',
    url: '/api/v1/auth/password-reset',
    remoteAddress: ip,
    payload: { email, language },
  })
  await test.deps.passwordResets.settled()
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  return [
    response.statusCode,
    response.json(),
  ]
}
const linkIn = ({ text }: { text: string }) => `/auth/password-reset/${/\/password-reset#token=([\w-]{43})/.exec(text)![1]}`

describe('a new password, asked for by mail', () => {
  it('comes as a link to the account’s own address, good once for half an hour, and is told in the log', async () => {
    const person = await createUser(test)
    expect(await ask(` ${person.email.toUpperCase()}`)).toEqual([
      202,
      { accepted: true },
    ])
    expect(smtp.mails.map(({ to, headers }) => [to, headers.subject])).toEqual([
      [
        [person.email],
        'A new password for Test instance',
      ],
    ])
    const link = linkIn(smtp.mails[0]!)
    expect((await test.call('GET', link)).body).toEqual({ name: person.name, email: person.email })
    test.clock.advance(29 * 60_000)
    expect((await test.call('POST', link, {
      body: { password: PASSWORD },
    })).status).toBe(204)
    expect((await test.call('POST', link, {
      body: { password: PASSWORD },
    })).status).toBe(404)
    expect((await toldEvents(test, eq(auditEvents.subjectId, person.id))).map(({ action, actor }) => [action, actor.kind])).toEqual([
      ['user.reset_asked', 'visitor'],
      ['user.password_reset', 'user'],
    ])
    await ask(person.email)
    test.clock.advance(31 * 60_000)
    expect((await test.call('GET', linkIn(smtp.mails[1]!))).status).toBe(404)
  })

  it('ends access tokens with the sessions; and every other way in, where nobody had proved the address before', async () => {
    const person = await createUser(test)
    const { token } = person
    const asOperator = (path: string, body: object, method: 'POST' | 'PATCH' = 'POST') => test.call(method, `/admin/policies${path}`, { token: operator.token, body })
    const { body: policy } = await asOperator('', {
      kind: 'terms',
      slug: 'terms',
      title: 'Terms',
      markdown: 'Be kind.',
      language: 'en',
    })
    await asOperator(`/${policy.id}`, { language: 'en', acceptance: 'explicit' }, 'PATCH')
    await asOperator(`/${policy.id}/publish`, { effectiveOn: policy.today })
    const agree = async (by: string) => {
      const { pendingPolicies: [{ slug, number, language, sha256 }] } = (await test.call('GET', '/me', { token: by })).body
      return (await test.call('POST', '/policy-acceptances', {
        token: by,
        body: { slug, number, language, sha256 },
      })).status
    }
    expect(await agree(token)).toBe(201)
    const makeToken = async (by: string) => (await test.call('POST', '/me/tokens', {
      token: by,
      body: {
        name: 'x',
        scopes: ['read'],
      },
    })).body.token
    const program = await makeToken(token)
    await addTotp(test, person)
    const reset = async () => {
      await ask(person.email)
      return (await test.call('POST', linkIn(smtp.mails.at(-1)!), {
        body: { password: PASSWORD },
      })).status
    }
    expect(await reset()).toBe(204)
    expect((await test.call('GET', '/workspaces', { token: program })).status).toBe(401)
    expect(await test.deps.secondFactors.methodsOf(person.id)).toEqual([])
    // The owner's, from here on: a new password takes no second factor away.
    const { body: { accessToken } } = await test.call('POST', '/auth/login', {
      body: { email: person.email, password: PASSWORD },
    })
    // Whoever had the account before said it, not they.
    expect(await agree(accessToken)).toBe(201)
    await addTotp(test, { ...person, token: accessToken })
    await makeToken(accessToken)
    expect(await reset()).toBe(204)
    expect(await test.deps.secondFactors.methodsOf(person.id)).toEqual(['totp', 'recovery'])
    expect((await toldEvents(test, eq(auditEvents.action, 'user.password_reset'))).map(({ details }) => details)).toEqual([
      {
        endedSessions: 1,
        endedTokens: 1,
        by: 'link',
        removed: ['totp'],
      },
      { endedSessions: 1, endedTokens: 1, by: 'link' },
    ])
  })

  it('is in the person’s language, else in the one asked in', async () => {
    const person = await createUser(test)
    await ask(person.email, { language: 'de' })
    await test.deps.db.update(users).set({ locale: 'en' }).where(eq(users.id, person.id))
    await ask(person.email, { language: 'de' })
    expect(smtp.mails.map(({ headers }) => headers.subject)).toEqual(['Ein neues Passwort für Test instance', 'A new password for Test instance'])
  })

  it('is answered alike, and brings nothing, where there is no such account, or a disabled one', async () => {
    const disabled = await createUser(test)
    await test.call('PATCH', `/admin/users/${disabled.id}`, {
      token: operator.token,
      body: { disabled: true },
    })
    for (const email of [
      disabled.email,
      'nobody@example.com',
      'not an address',
      '"a b"@example.com',
    ]) {
      expect(await ask(email)).toEqual([
        202,
        { accepted: true },
      ])
    }
    expect(smtp.offered).toEqual([])
    expect(await test.deps.db.$count(passwordResets)).toBe(0)
  })

  it('ends no link that an operator passes on, nor is ended by one; whichever is used first ends the other', async () => {
    const person = await createUser(test)
    const make = async () => `/auth/password-reset/${(await test.call('POST', `/admin/users/${person.id}/reset-link`, { token: operator.token })).body.url.split('=').at(-1)}`
    const replaced = await make()
    const passedOn = await make()
    await ask(person.email)
    await ask(person.email)
    const [older, mailed] = smtp.mails.map(linkIn)
    const statuses = async () => [
      (await test.call('GET', replaced)).status,
      (await test.call('GET', passedOn)).status,
      (await test.call('GET', older!)).status,
      (await test.call('GET', mailed!)).status,
    ]
    expect(await statuses()).toEqual([404, 200, 404, 200])
    await make()
    expect(await statuses()).toEqual([404, 404, 404, 200])
    expect((await test.call('POST', mailed!, {
      body: { password: PASSWORD },
    })).status).toBe(204)
    expect(await test.deps.db.$count(passwordResets)).toBe(0)
  })

  it('fills nobody’s mailbox, and is asked for by one place so often, whoever it is for', async () => {
    const person = await createUser(test)
    test.clock.set(test.clock.now())
    for (let n = 0; n < 8; n++) expect((await ask(person.email, { ip: `203.0.113.${n}` }))[0]).toBe(202)
    expect(smtp.mails).toHaveLength(3)
    // Whatever others asked for in their name, the person has a link that is good, or gets one.
    test.clock.advance(30 * 60_000 - 1)
    await ask(person.email, { ip: '203.0.113.20' })
    expect(smtp.mails).toHaveLength(3)
    expect((await test.call('GET', linkIn(smtp.mails.at(-1)!))).status).toBe(200)
    test.clock.advance(1)
    await ask(person.email, { ip: '203.0.113.20' })
    expect(smtp.mails).toHaveLength(4)
    const answers = []
    for (let n = 0; n < 21; n++) answers.push((await ask(`nobody${n}@example.com`))[0])
    expect([
      ...new Set(answers.slice(0, 20)),
      answers[20],
    ]).toEqual([202, 429])
  })

  it('is answered alike without mail, too', async () => {
    const without = await useTestApp()
    await setUpInstance(without)
    const person = await createUser(without)
    expect((await without.call('POST', '/auth/password-reset', {
      body: { email: person.email },
    })).status).toBe(202)
    await without.deps.passwordResets.settled()
    expect(await without.deps.db.$count(passwordResets)).toBe(0)
  })
})
