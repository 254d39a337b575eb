import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { MailApp } from '../../../test/mail-app.ts'
import type { TestSmtp } from '../../../test/smtp-server.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { Tx } from '../../db/database.ts'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { addMember, createUser, createWorkspace } from '../../../test/factories.ts'
import { person, whileHeld } from '../../../test/held.ts'
import { createMailApp } from '../../../test/mail-app.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { createTestApp, useTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { members } from '../members/members.table.ts'
import { endSessions } from '../users/accounts.service.ts'
import { users } from '../users/users.table.ts'
import { emailCodes } from './email-codes.table.ts'
import { sessions } from './sessions.table.ts'
import { signInSteps } from './sign-in-steps.table.ts'

let smtp: TestSmtp
let test: TestApp
let operator: TestUser
let workspace: TestWorkspace
let client: TestUser
let close: MailApp['close']
beforeEach(async () => {
  ;({ smtp, test, operator, close } = await createMailApp())
  workspace = await createWorkspace(test)
  client = await addContact()
})
afterEach(() => close())

/** A client's contact, who has shown that they read mail at their address. */
async function addContact(): Promise<TestUser> {
  const user = await addMember(test, workspace, 'client')
  await test.deps.db.update(users).set({
    emailVerifiedAt: test.clock.now(),
  }).where(eq(users.id, user.id))
  return user
}

/** A browser, with the cookies that it keeps. */
function browser({ ip = '198.51.100.1', app = test.app } = {}) {
  const cookies = new Map<string, string>()
  async function post(path: string, payload: object, from = ip) {
    const response = await app.inject({
      method: 'POST',
      url: `/api/v1${path}`,
      remoteAddress: from,
      headers: { 'sec-fetch-mode': 'cors' },
      cookies: Object.fromEntries(cookies),
      payload,
    })
    for (const { name, value } of response.cookies) cookies.set(name, value)
    return {
      status: response.statusCode,
      body: response.json(),
      cookies: response.cookies,
    }
  }
  return {
    cookies,
    async ask(email: string, more: object = {}) {
      const answer = await post('/auth/email-code', { email, ...more })
      await test.deps.emailCodes.settled()
      await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
      return answer
    },
    verify: (email: string, code: string, from?: string) => post('/auth/email-code/verify', { email, code }, from),
  }
}
const mailsTo = ({ email }: { email: string }) => smtp.mails.filter(({ to }) => to[0] === email)
const codeFor = (person: { email: string }) => /Your code: (\d{6})/.exec(mailsTo(person).at(-1)!.text)![1]!
/** Another code than this one. */
const wrongOf = (code: string, n = 1) => String((Number(code) + n) % 1_000_000).padStart(6, '0')
const refusalsOf = async () => (await toldEvents(test, eq(auditEvents.action, 'session.refused'))).map(({ subject, details }) => [subject.id, details.reason])
const wrong = [400, 'auth.wrong_code']
const brief = ({ status, body }: { status: number, body: { code?: string } }) => [status, body.code]

describe('a code by mail', () => {
  it('signs a client’s contact in, once, in the browser that asked; the code stands in no row and no subject', async () => {
    const own = browser()
    const asked = await own.ask(` ${client.email.toUpperCase()}`)
    expect([asked.status, asked.body]).toEqual([
      202,
      { accepted: true },
    ])
    expect(asked.cookies).toMatchObject([
      {
        name: 'clientshare-code',
        httpOnly: true,
        sameSite: 'Strict',
        maxAge: 600,
      },
    ])
    const code = codeFor(client)
    expect(mailsTo(client)[0]!.headers.subject).toBe('Your code to sign in at Test instance')
    const { rows } = await test.deps.db.execute('select row_to_json(mails) as row from mails union all select row_to_json(email_codes) from email_codes')
    expect(JSON.stringify(rows.map(row => row)).match(new RegExp(`"${code}"|\\s${code}\\b`))).toBeNull()

    const done = await own.verify(client.email, ` ${code.slice(0, 3)} ${code.slice(3)} `)
    expect(done.status).toBe(200)
    expect((await test.call('GET', '/me', { token: done.body.accessToken })).body).toMatchObject({
      id: client.id,
      memberships: [
        { role: 'client' },
      ],
    })
    expect(brief(await own.verify(client.email, code))).toEqual(wrong)
    expect((await toldEvents(test, eq(auditEvents.subjectId, client.id))).map(({ action }) => action)).toContain('session.started')
  })

  it('counts in no other browser, for no other address, not after ten minutes, and not once a newer one was asked for', async () => {
    const [own, other] = [
      browser(),
      browser({ ip: '203.0.113.9' }),
    ]
    const second = await addContact()
    await own.ask(client.email)
    const code = codeFor(client)
    // Who read it over the shoulder has no cookie, or one of their own.
    expect(brief(await other.verify(client.email, code))).toEqual(wrong)
    await other.ask(client.email)
    expect(brief(await other.verify(client.email, code))).toEqual(wrong)
    expect(brief(await own.verify(second.email, code))).toEqual(wrong)
    const before = codeFor(client)
    await own.ask(client.email)
    if (codeFor(client) !== before) expect(brief(await own.verify(client.email, before))).toEqual(wrong)
    test.clock.advance(11 * 60_000)
    expect(brief(await own.verify(client.email, codeFor(client)))).toEqual(wrong)
    await own.ask(client.email)
    expect((await own.verify(client.email, codeFor(client))).status).toBe(200)
  })

  it('is judged five times, guessed from twenty addresses at two replicas at once: then the right one counts neither', async () => {
    const replica = await createTestApp({
      database: {
        url: test.config.databaseUrl,
        drop: async () => {},
      },
    })
    try {
      const own = browser()
      await own.ask(client.email)
      const code = codeFor(client)
      const there = browser({ app: replica.app })
      for (const [name, value] of own.cookies) there.cookies.set(name, value)
      const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0
        ? own
        : there).verify(client.email, wrongOf(code, n + 1), `198.51.${n}.7`)))
      expect(new Set(answers.map(answer => brief(answer).join(' ')))).toEqual(new Set([
        wrong.join(' '),
      ]))
      const [row] = await test.deps.db.select().from(emailCodes).where(eq(emailCodes.userId, client.id))
      expect(row!.attempts).toBe(5)
      expect(brief(await own.verify(client.email, code, '198.51.99.7'))).toEqual(wrong)
    }
    finally {
      await replica.close()
    }
  })

  it('of two that send it at once, lets one in', async () => {
    const own = browser()
    await own.ask(client.email)
    const code = codeFor(client)
    const answers = await Promise.all([
      own.verify(client.email, code),
      own.verify(client.email, code),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
  })

  it('leads to the second factor of whoever has one', async () => {
    await addTotp(test, client)
    const own = browser()
    await own.ask(client.email)
    const { status, body } = await own.verify(client.email, codeFor(client))
    expect([status, body.mfaRequired, body.methods]).toEqual([
      200,
      true,
      ['totp', 'recovery'],
    ])
  })

  it('is in the person’s language, else in the one asked in', async () => {
    await browser().ask(client.email, { language: 'de' })
    expect(mailsTo(client)[0]!.headers.subject).toBe('Ihr Code für die Anmeldung bei Test instance')
  })
})

describe('who is told what', () => {
  it('nobody learns whether an account exists, by words, cookies or the log of answers; whoever signs in otherwise is told by mail', async () => {
    const staff = await addMember(test, workspace, 'staff')
    const both = await addContact()
    await addMember(test, await createWorkspace(test), 'staff', { user: both })
    const unproved = await addMember(test, workspace, 'client')
    const without = await createUser(test)
    const disabled = await addContact()
    await test.deps.db.update(users).set({
      disabledAt: test.clock.now(),
    }).where(eq(users.id, disabled.id))
    const everybody = [
      client,
      staff,
      both,
      unproved,
      without,
      operator,
      disabled,
      { email: 'nobody@example.com' },
    ]
    const asked = []
    const guessed = []
    for (const [n, { email }] of everybody.entries()) {
      const own = browser({ ip: `198.51.100.${n}` })
      const { status, body, cookies } = await own.ask(email)
      asked.push({
        status,
        body,
        cookies: cookies.map(({ name, value, maxAge }) => [name, value.length, maxAge]),
      })
      const { requestId: _, ...problem } = (await own.verify(email, '000000')).body
      guessed.push(problem)
    }
    expect(new Set(asked.map(each => JSON.stringify(each))).size).toBe(1)
    expect(new Set(guessed.map(each => JSON.stringify(each))).size).toBe(1)
    // Each leaves a row and an event, so that neither time nor the growth of anything tells.
    expect(await test.deps.db.$count(emailCodes)).toBe(everybody.length)
    expect((await refusalsOf()).filter(([id]) => id !== client.id).every(([id, reason]) => id === null && reason === 'unknown_account')).toBe(true)
    expect(smtp.mails.map(({ to, headers }) => [to[0], headers.subject])).toEqual([
      [client.email, 'Your code to sign in at Test instance'],
      ...[
        staff,
        both,
        unproved,
        without,
        operator,
      ].map(({ email }) => [email, 'How you sign in at Test instance']),
    ])
    expect(smtp.mails.slice(1).every(({ text }) => !/\b\d{6}\b/.test(text))).toBe(true)
  })

  it('who became staff since it was mailed signs in by it no more', async () => {
    const own = browser()
    await own.ask(client.email)
    await test.deps.db.update(members).set({ role: 'staff' }).where(eq(members.userId, client.id))
    expect(brief(await own.verify(client.email, codeFor(client)))).toEqual(wrong)
  })

  it('who has another address since signs in by a code to the old one no more', async () => {
    const own = browser()
    await own.ask(client.email)
    await test.deps.db.update(users).set({ email: 'new@example.com', emailKey: 'new@example.com' }).where(eq(users.id, client.id))
    expect(brief(await own.verify(client.email, codeFor(client)))).toEqual(wrong)
  })

  it('is over with the person’s sessions', async () => {
    const own = browser()
    await own.ask(client.email)
    expect((await test.call('POST', `/admin/users/${client.id}/end-sessions`, { token: operator.token })).status).toBe(200)
    expect(brief(await own.verify(client.email, codeFor(client)))).toEqual(wrong)
  })

  it('is over with all that ends or changes while it is judged, for whoever has a second factor too', async () => {
    const removeSessions = () => test.deps.db.delete(sessions).where(eq(sessions.userId, client.id))
    await removeSessions()
    for (const [what, meanwhile] of [
      [
        'the sessions',
        tx => endSessions(tx, test.deps.clock(), { userId: client.id }),
      ],
      [
        'the address',
        tx => tx.update(users).set({ email: 'new@example.com', emailKey: 'new@example.com' }).where(eq(users.id, client.id)),
      ],
      [
        'the seat',
        tx => tx.update(members).set({ role: 'admin' }).where(eq(members.userId, client.id)),
      ],
    ] satisfies [string, (tx: Tx) => Promise<unknown>][]) {
      const { email } = (await test.deps.db.select().from(users).where(eq(users.id, client.id)))[0]!
      const own = browser()
      await own.ask(email)
      const code = codeFor({ email })
      expect([
        what,
        ...brief(await whileHeld(test, person(client), () => own.verify(email, code), meanwhile)),
      ]).toEqual([what, ...wrong])
      expect(await test.deps.db.$count(sessions, eq(sessions.userId, client.id))).toBe(0)
    }
    const holder = await addContact()
    await addTotp(test, holder)
    const own = browser()
    await own.ask(holder.email)
    expect(brief(await whileHeld(test, person(holder), () => own.verify(holder.email, codeFor(holder)), tx => endSessions(tx, test.deps.clock(), { userId: holder.id })))).toEqual(wrong)
    expect(await test.deps.db.$count(signInSteps)).toBe(0)
  })

  it('what it began is over once they are more than a client’s contact, by a change of role, by an invitation or as an operator, but not who has a password', async () => {
    const status = async (token: string) => (await test.call('GET', '/me', { token })).status
    const enter = async ({ email }: TestUser) => {
      const own = browser()
      await own.ask(email)
      return (await own.verify(email, codeFor({ email }))).body.accessToken as string
    }
    const promote = async ({ id }: TestUser) => test.call('PATCH', `/workspaces/${workspace.id}/members/${(await test.deps.db.select().from(members).where(eq(members.userId, id)))[0]!.id}`, {
      token: workspace.owner.token,
      body: { role: 'admin' },
    })
    const [promoted, invited, secured, operating] = [
      client,
      await addContact(),
      await addContact(),
      await addContact(),
    ]
    await test.deps.db.update(users).set({ passwordHash: 'x' }).where(eq(users.id, secured.id))
    const tokens = [
      await enter(promoted),
      await enter(invited),
      await enter(secured),
      await enter(operating),
    ] as const
    expect([(await promote(promoted)).status, (await promote(secured)).status]).toEqual([200, 200])
    expect([await status(tokens[0]), await status(tokens[2])]).toEqual([401, 200])

    expect((await test.call('PATCH', `/admin/users/${operating.id}`, {
      token: operator.token,
      body: { isOperator: true },
    })).status).toBe(200)
    expect(await status(tokens[3])).toBe(401)

    const { owner, id } = await createWorkspace(test)
    const { body: { url } } = await test.call('POST', `/workspaces/${id}/invitations`, {
      token: owner.token,
      body: { role: 'staff' },
    })
    expect((await test.call('POST', `/public/invitations/${url.split('/').at(-1)}/accept`, { token: tokens[1], body: {} })).status).toBe(200)
    expect(await status(tokens[1])).toBe(401)
  })

  it('a wrong one is told in the log, as the person’s', async () => {
    const own = browser()
    await own.ask(client.email)
    await own.verify(client.email, wrongOf(codeFor(client)))
    expect(await refusalsOf()).toEqual([
      [client.id, 'wrong_code'],
    ])
  })
})

describe('limits', () => {
  it('a place asks sixty times an hour; an address gets twenty mails a day, and then one each half hour; whoever has signed in in a browser before gets theirs there all the same, and is not slowed by others’ guesses', async () => {
    test.clock.set(test.clock.now())
    const own = browser()
    await own.ask(client.email)
    expect((await own.verify(client.email, codeFor(client))).status).toBe(200)
    const attacker = browser({ ip: '203.0.113.9' })
    for (let n = 0; n < 60; n++) expect((await attacker.ask(client.email)).status).toBe(202)
    expect(brief(await attacker.ask(client.email))).toEqual([429, 'rate.limited'])
    expect(brief(await attacker.ask('nobody@example.com'))).toEqual([429, 'rate.limited'])
    // Twenty with the first of their own, and the first of those beyond.
    expect(mailsTo(client)).toHaveLength(21)
    for (let n = 0; n < 60; n++) await attacker.verify(client.email, '000000', `203.0.${n}.1`)

    await own.ask(client.email)
    expect(mailsTo(client)).toHaveLength(22)
    expect((await own.verify(client.email, codeFor(client))).status).toBe(200)

    // Nor do they keep them out of a new one for the rest of the day.
    test.clock.advance(31 * 60_000)
    const late = browser({ ip: '192.0.2.44' })
    await late.ask(client.email)
    expect(mailsTo(client)).toHaveLength(23)
    expect((await late.verify(client.email, codeFor(client))).status).toBe(200)
  })

  it('guesses from one place are slowed, whether or not there is such an account', async () => {
    test.clock.set(test.clock.now())
    const sent = async (email: string, ip: string) => {
      const own = browser({ ip })
      await own.ask(email)
      const answers = []
      for (let n = 0; n < 7; n++) answers.push(brief(await own.verify(email, '000000')))
      return answers
    }
    const answers = await sent('nobody@example.com', '203.0.113.9')
    expect(await sent(client.email, '203.0.114.9')).toEqual(answers)
    expect(answers.at(-1)).toEqual([429, 'rate.limited'])
  })
})

it('without mail there is none', async () => {
  const without = await useTestApp()
  expect(brief(await without.call('POST', '/auth/email-code', {
    body: { email: 'anna@example.com' },
  }))).toEqual([409, 'mail.not_set_up'])
})
