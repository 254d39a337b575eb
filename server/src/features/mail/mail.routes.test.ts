import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestSmtp } from '../../../test/smtp-server.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { said, startSmtp } from '../../../test/smtp-server.ts'
import { createTestApp, useTestApp } from '../../../test/test-app.ts'
import { mails } from '../../mail/mails.table.ts'
import { mailDefinitions } from '../../mails.ts'
import { auditEvents } from '../audit/audit.table.ts'

let smtp: TestSmtp
let test: TestApp
let operator: TestUser
let workspace: TestWorkspace
let refusal: Error | undefined

beforeAll(async () => {
  smtp = await startSmtp({
    encryption: 'none',
    auth: { user: 'mailer', pass: 'hunter2' },
    onRcpt: () => refusal,
  })
  test = await createTestApp({
    env: {
      SMTP_URL: smtp.url,
      SMTP_ALLOW_PLAIN: 'true',
      MAIL_FROM: 'files@example.com',
      MAIL_PER_MINUTE: '1000',
    },
  })
  operator = await setUpInstance(test)
  workspace = await createWorkspace(test)
})
beforeEach(() => { refusal = undefined })
afterAll(async () => {
  await test.close()
  await smtp.close()
})

const call = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => test.call(method, `/admin${path}`, { token: operator.token, body })
const send = () => test.deps.mail.sendDue(AbortSignal.timeout(60_000))
async function invite(email: string): Promise<string> {
  await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
    token: workspace.owner.token,
    body: { role: 'staff', email },
  })
  const [row] = await test.deps.db.select({ id: mails.id }).from(mails).where(eq(mails.toAddress, email))
  return row!.id
}
const told = async (action: string) => (await toldEvents(test, eq(auditEvents.action, action))).map(({ details }) => details)

describe('the outbox', () => {
  it('is read page by page, newest first, by state and by a part of an address', async () => {
    const ids = []
    for (const name of ['one', 'two', 'Three', 'four%', 'five']) ids.unshift(await invite(`${name}@listed.example`))
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const { body } = await call('GET', `/mails?limit=2&search=LISTED.example${cursor
        ? `&cursor=${cursor}`
        : ''}`) as { body: { items: { id: string }[], nextCursor: string | null } }
      seen.push(...body.items.map(({ id }) => id))
      cursor = body.nextCursor
    } while (cursor)
    expect(seen).toEqual(ids)
    expect((await call('GET', '/mails?search=three%40listed')).body.items).toMatchObject([
      {
        to: { address: 'Three@listed.example' },
        state: 'waiting',
        attempts: 0,
      },
    ])
    expect((await call('GET', `/mails?search=${encodeURIComponent('%')}`)).body.items).toHaveLength(1)
    await send()
    expect((await call('GET', '/mails?search=listed&state=waiting')).body.items).toEqual([])
    expect((await call('GET', '/mails?search=listed&state=sent')).body.items).toHaveLength(5)
    expect((await call('GET', '/mail')).body).toMatchObject({
      canSend: true,
      server: {
        host: 'localhost',
        encryption: 'maybe',
        signsIn: true,
        from: 'files@example.com',
        replyTo: null,
        isSigned: false,
      },
      counts: { waiting: 0, sent: 5 },
      lastSentAt: expect.any(String),
    })
  })

  it('tells each try of a mail, and no secret', async () => {
    refusal = said(450, '4.2.0 Greylisted')
    const id = await invite('grey@example.org')
    await send()
    const answer = await call('GET', `/mails/${id}`)
    expect(answer.body).toMatchObject({
      id,
      template: 'members.invitation',
      state: 'waiting',
      messageId: expect.stringMatching(/^<.+@example\.com>$/),
      tries: [
        { number: 1, outcome: 'later', reply: '450 4.2.0 Greylisted' },
      ],
    })
    expect(answer.raw.toString()).not.toMatch(/token|invite\/|hunter2/)
    expect((await call('GET', `/mails/${randomUUIDv7()}`)).status).toBe(404)
  })

  it('sends again what was refused or sent, with the same Message-ID, and says why it does not', async () => {
    refusal = said(550, '5.1.1 No such user')
    const id = await invite('typo@example.org')
    await send()
    expect((await call('POST', `/mails/${id}/resend`)).body.code).toBe('mail.suppressed')
    expect((await call('GET', '/mail-suppressions')).body.items).toMatchObject([
      { address: 'typo@example.org', reply: '550 5.1.1 No such user', mailId: id },
    ])
    expect((await call('DELETE', '/mail-suppressions/TYPO%40example.org')).status).toBe(204)
    expect((await call('DELETE', '/mail-suppressions/typo%40example.org')).status).toBe(404)
    expect(await told('mail.address_allowed')).toEqual([
      { address: 'typo@example.org' },
    ])
    refusal = undefined
    for (const tries of [2, 3]) {
      expect(await call('POST', `/mails/${id}/resend`)).toMatchObject({
        status: 200,
        body: { state: 'waiting' },
      })
      await send()
      expect((await call('GET', `/mails/${id}`)).body).toMatchObject({ state: 'sent', attempts: tries })
    }
    const got = smtp.mails.filter(({ to }) => to[0] === 'typo@example.org')
    expect(new Set(got.map(({ headers }) => headers['message-id'])).size).toBe(1)
    expect(got).toHaveLength(2)
    expect(await told('mail.resent')).toHaveLength(2)
  })

  it('does not send what is of no use any more', async () => {
    const later = await useTestApp({
      env: { SMTP_URL: smtp.url, SMTP_ALLOW_PLAIN: 'true', MAIL_FROM: 'files@example.com' },
    })
    const own = await setUpInstance(later)
    const team = await createWorkspace(later)
    const invitation = await later.call('POST', `/workspaces/${team.id}/invitations`, {
      token: team.owner.token,
      body: { role: 'staff', email: 'late@example.org' },
    })
    await later.call('DELETE', `/workspaces/${team.id}/invitations/${invitation.body.id}`, { token: team.owner.token })
    const { body } = await later.call('GET', '/admin/mails', { token: own.token })
    expect((await later.call('POST', `/admin/mails/${body.items[0].id}/resend`, { token: own.token })).body.code).toBe('mail.over')
  })
})

describe('a test mail', () => {
  it('tells whether it was taken, with what was said, and stands in the log', async () => {
    const { status, body } = await call('POST', '/mail/test', { to: 'olga@example.org', language: 'de' })
    expect([status, body.accepted]).toEqual([200, true])
    expect(body.transcript.map(({ text }: { text: string }) => text)).toEqual(expect.arrayContaining([
      expect.stringMatching(/^220 /),
      'AUTH PLAIN ***',
      expect.stringMatching(/^RCPT TO:<olga@example\.org>/),
    ]))
    expect(JSON.stringify(body)).not.toContain('hunter2')
    expect(smtp.mails.at(-1)).toMatchObject({
      to: ['olga@example.org'],
      headers: expect.objectContaining({
        subject: expect.stringMatching(/^Testmail von /),
      }),
    })
    refusal = said(550, '5.7.1 Not for you')
    expect((await call('POST', '/mail/test', { to: 'olga@example.org' })).body).toMatchObject({ accepted: false, lacksEncryption: false, reply: '550 5.7.1 Not for you' })
    expect(await told('mail.tested')).toEqual([
      { address: 'olga@example.org', isAccepted: true },
      { address: 'olga@example.org', isAccepted: false },
    ])
    // It is not a bounce: nobody writes to operators for a slip of theirs.
    expect((await call('GET', '/mail-suppressions')).body.items).toEqual([])
  })

  it('says when the mail server offers no encryption', async () => {
    const asking = await useTestApp({
      env: { SMTP_URL: smtp.url, MAIL_FROM: 'files@example.com' },
    })
    const { token } = await setUpInstance(asking)
    const { body } = await asking.call('POST', '/admin/mail/test', {
      token,
      body: { to: 'olga@example.org' },
    })
    expect(body).toMatchObject({ accepted: false, lacksEncryption: true })
  })

  it.each([
    'x',
    'a@b@c',
    'a,b@example.org',
    'olga@example.org>',
  ])('goes to no %j', async (to) => {
    expect(await call('POST', '/mail/test', { to })).toMatchObject({
      status: 400,
      body: {
        code: 'request.invalid',
        errors: [
          { pointer: '/to' },
        ],
      },
    })
  })
})

it('shows every mail in each language, and none that there is not', async () => {
  const { items, languages } = (await call('GET', '/mail-templates')).body
  expect(items.map(({ name }: { name: string }) => name)).toEqual([
    ...mailDefinitions.keys(),
  ])
  for (const { name } of items) {
    const texts = []
    for (const language of languages) {
      const { status, body } = await call('GET', `/mail-templates/${name}?language=${language}`)
      expect(status).toBe(200)
      expect(body.html).toContain(`<html lang="${language}">`)
      texts.push(body.text)
    }
    expect(new Set(texts).size).toBe(languages.length)
  }
  expect((await call('GET', '/mail-templates/no.mail')).status).toBe(404)
  expect((await call('GET', '/mail-templates/mail.test?language=xx')).status).toBe(400)
})

it('without SMTP says so, and shows the mails all the same', async () => {
  const without = await useTestApp()
  const own = await setUpInstance(without)
  const as = (method: 'GET' | 'POST', path: string, body?: object) => without.call(method, `/admin${path}`, { token: own.token, body })
  expect((await as('GET', '/mail')).body).toMatchObject({ canSend: false, server: null, lastSentAt: null })
  expect((await as('POST', '/mail/test', { to: 'olga@example.org' })).body.code).toBe('mail.not_set_up')
  expect((await as('POST', `/mails/${randomUUIDv7()}/resend`)).body.code).toBe('mail.not_set_up')
  expect((await as('GET', '/mail-templates/mail.test')).status).toBe(200)
  expect((await without.call('GET', '/instance')).body.canMail).toBe(false)
})
