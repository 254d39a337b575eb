import type { TestUser } from '../../../test/factories.ts'
import type { MailApp } from '../../../test/mail-app.ts'
import type { ReceivedMail, TestSmtp } from '../../../test/smtp-server.ts'
import type { Answer, TestApp } from '../../../test/test-app.ts'
import { and, eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, createWorkspace } from '../../../test/factories.ts'
import { createMailApp } from '../../../test/mail-app.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { throttles } from '../auth/throttles.table.ts'
import { members } from '../members/members.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { requests } from './requests.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'
const DAY_MS = 86_400_000

let smtp: TestSmtp
let test: TestApp
let operator: TestUser
let close: MailApp['close']
beforeAll(async () => {
  ;({ smtp, test, operator, close } = await createMailApp())
})
afterEach(async () => {
  test.clock.set(null)
  await test.deps.db.delete(throttles)
})
afterAll(() => close())

let n = 0
const fresh = () => `ana${++n}@example.com`
const freshSlug = () => `ana-${++n}`
const asOperator = (method: 'GET' | 'PATCH' | 'POST', path: string, body?: unknown, by = operator): Promise<Answer> => test.call(method, path, { token: by.token, body })

/** The mails that came to an address, the oldest first. */
async function mailsTo(email: string): Promise<ReceivedMail[]> {
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  return smtp.mails.filter(({ to }) => to.includes(email))
}
const tokenIn = ({ text }: ReceivedMail) => /\/requests#token=([\w-]{43})/.exec(text)![1]!
const atRequest = (token: string, rest = '') => `/public/requests/${token}${rest}`

async function send(body: { email?: string, [member: string]: unknown } = {}): Promise<{ email: string, token: string, reference: string }> {
  const email = body.email ?? fresh()
  const { status, body: receipt } = await test.call('POST', '/public/requests', {
    body: {
      kind: 'access',
      name: 'Ana',
      email,
      message: 'May I come in?',
      ...body,
    },
  })
  expect([status, receipt]).toEqual([
    202,
    {
      reference: expect.any(String),
      isMailed: true,
      url: null,
    },
  ])
  return {
    email,
    reference: receipt.reference,
    token: tokenIn((await mailsTo(email)).at(-1)!),
  }
}
/** One that its sender confirmed. */
async function received(body: Parameters<typeof send>[0] = {}) {
  const sent = await send(body)
  await test.call('POST', atRequest(sent.token, '/confirm'))
  const [row] = await test.deps.db.select().from(requests).where(eq(requests.reference, sent.reference))
  return { ...sent, id: row!.id }
}
const told = async (id: string) => (await toldEvents(test, eq(auditEvents.subjectId, id))).map(({ action }) => action)

describe('the confirmation of an address', () => {
  it('is a button behind the link: opening it changes nothing, and until then nobody sees the request', async () => {
    const { email, token, reference } = await send({ language: 'de' })
    const [mail] = await mailsTo(email)
    expect(mail!.headers.subject).toBe(`${reference} Ihre Anfrage an Test instance`)
    const [row] = await test.deps.db.select().from(requests).where(eq(requests.reference, reference))
    const id = row!.id
    for (const method of ['GET', 'HEAD', 'GET'] as const) expect((await test.call(method, atRequest(token))).status).toBe(200)
    expect((await test.call('GET', atRequest(token))).body).toMatchObject({
      reference,
      state: 'unconfirmed',
      message: 'May I come in?',
      messages: [],
    })
    expect(await told(id)).toEqual([])
    expect((await asOperator('GET', `/admin/requests/${id}`)).status).toBe(404)
    expect((await asOperator('GET', `/admin/requests?q=${email}`)).body.items).toEqual([])
    const answers = await Promise.all(Array.from({ length: 3 }, () => test.call('POST', atRequest(token, '/confirm'))))
    expect(answers.map(({ body }) => body.state)).toEqual(['open', 'open', 'open'])
    expect(await told(id)).toEqual(['request.received'])
    expect((await asOperator('GET', `/admin/requests?q=${email}`)).body.items).toMatchObject([
      { id, identity: 'address', language: 'de' },
    ])
  })

  it('is given by a message as well', async () => {
    const { email, token } = await send()
    expect((await test.call('POST', atRequest(token), {
      body: { message: 'One more thing' },
    })).body).toMatchObject({
      state: 'open',
      messages: [
        { from: 'sender', text: 'One more thing' },
      ],
    })
    expect((await asOperator('GET', `/admin/requests?q=${email}`)).body.items).toMatchObject([
      { identity: 'address' },
    ])
  })

  it('is waited for a week; then the request is gone, and its link leads nowhere', async () => {
    const { token } = await send()
    const kept = await received()
    test.clock.advance(7 * DAY_MS - 60_000)
    await purgeDue(test)
    expect((await test.call('GET', atRequest(token))).status).toBe(200)
    test.clock.advance(120_000)
    await purgeDue(test)
    expect((await test.call('GET', atRequest(token))).status).toBe(404)
    expect((await test.call('GET', atRequest(kept.token))).status).toBe(200)
    test.clock.advance(-7 * DAY_MS - 60_000)
  })

  it('writes no line of its own into the mail, whatever the name is', async () => {
    const email = fresh()
    for (const name of ['Ana\r\nBcc: x@example.org', 'Ana\nBcc: x@example.org', 'Ana\u2028Bcc: x']) {
      expect(await test.call('POST', '/public/requests', {
        body: {
          kind: 'access',
          name,
          email,
          message: 'Hello',
        },
      })).toMatchObject({
        status: 400,
        body: {
          errors: [
            { pointer: '/name' },
          ],
        },
      })
    }
    expect(await mailsTo(email)).toEqual([])
    const { email: to } = await send({ name: 'Ana, "x" <x@example.org>' })
    const [mail] = await mailsTo(to)
    expect(mail!.to).toEqual([to])
  })

  it('is not left out for an address that no mail can be sent to, nor for one that is compared as another’s', async () => {
    const { email } = await createUser(test)
    for (const wrong of [
      '"ana"@example.com',
      email.replace('p', 'ⓟ'),
    ]) {
      expect(await test.call('POST', '/public/requests', {
        body: {
          kind: 'access',
          name: 'Ana',
          email: wrong,
          message: 'Hello',
        },
      })).toMatchObject({
        status: 400,
        body: {
          errors: [
            { pointer: '/email' },
          ],
        },
      })
    }
  })

  it('is for its own request: a link shows no other, and none that is made up', async () => {
    const [one, other] = [await received({ message: 'The first' }), await received({ message: 'The second' })]
    await test.call('POST', atRequest(one.token), {
      body: { message: 'Only here' },
    })
    expect((await test.call('GET', atRequest(one.token))).body).toMatchObject({ reference: one.reference, message: 'The first' })
    expect((await test.call('GET', atRequest(other.token))).body).toMatchObject({ reference: other.reference, messages: [] })
    for (const token of [other.id, `${one.token.slice(1)}A`, 'x']) {
      for (const [method, rest] of [
        ['GET', ''],
        ['POST', '/confirm'],
      ] as const) expect((await test.call(method, atRequest(token, rest))).status).toBe(404)
      expect((await test.call('POST', atRequest(token), {
        body: { message: 'Hello' },
      })).status).toBe(404)
    }
  })
})

describe('a thread', () => {
  it('goes out by mail as answers to one another, and comes in on the page of the request', async () => {
    const { email, token, reference, id } = await received()
    const replied = await asOperator('POST', `/admin/requests/${id}/replies`, { text: 'Which company?\nBest regards' })
    expect(replied).toMatchObject({
      status: 200,
      body: {
        state: 'answered',
        handledBy: { id: operator.id },
        messages: [
          {
            from: 'operator',
            text: 'Which company?\nBest regards',
            by: { id: operator.id },
            isMailed: true,
          },
        ],
      },
    })
    await asOperator('POST', `/admin/requests/${id}/notes`, { text: 'I know her' })
    const [first, second] = await mailsTo(email)
    expect(second!.headers).toMatchObject({
      'subject': `${reference} Your request to Test instance`,
      'in-reply-to': first!.headers['message-id'],
      'references': first!.headers['message-id'],
    })
    expect(second!.html).toMatch(/Which company\?<br/)
    // Each mail has a link of its own; all lead to the request.
    const byMail = tokenIn(second!)
    expect(byMail).not.toBe(token)
    expect((await test.call('POST', atRequest(byMail), {
      body: { message: 'Borealis' },
    })).body).toEqual({
      reference,
      kind: 'access',
      state: 'open',
      createdAt: expect.any(String),
      dueAt: null,
      message: 'May I come in?',
      messages: [
        {
          from: 'operator',
          text: 'Which company?\nBest regards',
          at: expect.any(String),
        },
        {
          from: 'sender',
          text: 'Borealis',
          at: expect.any(String),
        },
      ],
    })
    const thread = (await asOperator('GET', `/admin/requests/${id}`)).body
    expect([
      thread.state,
      thread.handledAt,
      thread.messages.map(({ from }: { from: string }) => from),
    ]).toEqual([
      'new',
      null,
      ['operator', 'note', 'sender'],
    ])
    await asOperator('POST', `/admin/requests/${id}/replies`, { text: 'No, sorry', state: 'declined' })
    const third = (await mailsTo(email))[2]
    expect(third!.headers).toMatchObject({
      'in-reply-to': second!.headers['message-id'],
      'references': `${first!.headers['message-id']} ${second!.headers['message-id']}`,
    })
    expect((await test.call('GET', atRequest(token))).body.state).toBe('declined')
    expect(await told(id)).toEqual([
      'request.received',
      'request.replied',
      'request.handled',
      'request.noted',
      'request.written_to',
      'request.replied',
      'request.handled',
    ])
  })

  it('of what is taken for spam goes on unheard, and its sender is not told', async () => {
    const { token, id } = await received()
    await asOperator('PATCH', `/admin/requests/${id}`, { state: 'spam' })
    expect((await test.call('POST', atRequest(token), {
      body: { message: 'Buy this' },
    })).body.state).toBe('open')
    expect((await asOperator('GET', `/admin/requests/${id}`)).body).toMatchObject({
      state: 'spam',
      messages: [
        { text: 'Buy this' },
      ],
    })
    expect(await told(id)).toEqual(['request.received', 'request.handled'])
  })

  it('takes twenty messages an hour', async () => {
    const { token } = await received()
    const got = []
    for (let i = 0; i < 21; i++) {
      got.push((await test.call('POST', atRequest(token), {
        body: { message: 'And?' },
      })).status)
    }
    expect(got).toEqual([
      ...Array.from({ length: 20 }).fill(200),
      429,
    ])
  })

  it('is an operator’s while they have it, and nobody’s who is none', async () => {
    const { id } = await received()
    const stranger = await createUser(test)
    const assign = (assigneeId: string | null) => asOperator('PATCH', `/admin/requests/${id}`, { assigneeId })
    expect((await assign(operator.id)).body.assignee).toEqual({ id: operator.id, name: operator.name })
    expect(await assign(stranger.id)).toMatchObject({
      status: 400,
      body: { code: 'request.invalid' },
    })
    expect((await assign(null)).body.assignee).toBe(null)
    expect(await told(id)).toEqual(['request.received', 'request.assigned', 'request.assigned'])
  })
})

describe('an approval', () => {
  const approve = (id: string, slug: string, by?: TestUser) => asOperator('POST', `/admin/requests/${id}/approve`, { workspaceName: 'Borealis', slug }, by)
  const account = async (email: string) => (await test.deps.db.select().from(users).where(eq(users.emailKey, email)))[0]

  it('makes the person, their workspace and a link to a password, good once; they sign in, and have what they agreed to', async () => {
    const { email, id, token } = await received({
      language: 'de',
      news: ['product'],
    })
    const slug = freshSlug()
    const { status, body } = await approve(id, slug)
    expect([status, body]).toEqual([
      201,
      {
        workspaceId: expect.any(String),
        slug,
        owner: {
          id: expect.any(String),
          name: 'Ana',
        },
        isNewPerson: true,
        isMailed: true,
        url: null,
      },
    ])
    expect(await account(email)).toMatchObject({
      passwordHash: null,
      locale: 'de',
      emailVerifiedAt: expect.any(Date),
      isOperator: false,
    })
    expect((await toldEvents(test, eq(auditEvents.subjectId, body.owner.id))).map(({ action }) => action)).toEqual(['user.made', 'user.consent_given'])
    expect(await told(id)).toEqual(['request.received', 'request.approved'])
    expect(await told(body.workspaceId)).toEqual(['workspace.created'])
    expect((await test.call('GET', atRequest(token))).body.state).toBe('approved')

    const [first, welcome] = await mailsTo(email)
    expect(welcome!.headers).toMatchObject({ 'subject': 'Ihr Arbeitsbereich bei Test instance ist bereit', 'in-reply-to': first!.headers['message-id'] })
    const link = `/auth/password-reset/${/\/password-reset#token=([\w-]{43})/.exec(welcome!.text)![1]}`
    expect((await test.call('POST', link, {
      body: { password: PASSWORD },
    })).status).toBe(204)
    expect((await test.call('POST', link, {
      body: { password: PASSWORD },
    })).status).toBe(404)
    const { body: { accessToken } } = await test.call('POST', '/auth/login', {
      body: { email, password: PASSWORD },
    })
    expect((await test.call('GET', '/workspaces', { token: accessToken })).body.items).toMatchObject([
      { id: body.workspaceId, slug, role: 'owner' },
    ])
    expect((await test.call('GET', '/me/consents', { token: accessToken })).body.items).toMatchObject([
      { kind: 'launch', isGiven: false },
      { kind: 'product', isGiven: true, source: 'request' },
    ])
  })

  it('happens once, whoever does it at the same time', async () => {
    const { email, id } = await received()
    const second = await createUser(test, { isOperator: true })
    const slugs = [
      freshSlug(),
      freshSlug(),
      freshSlug(),
      freshSlug(),
    ]
    const answers = await Promise.all(slugs.map((slug, i) => approve(id, slug, i % 2 === 0
      ? operator
      : second)))
    expect(answers.map(({ status, body }) => body.code ?? status).sort()).toEqual([
      201,
      'request.decided',
      'request.decided',
      'request.decided',
    ])
    const made = await test.deps.db.select({ slug: workspaces.slug }).from(workspaces).innerJoin(members, eq(members.workspaceId, workspaces.id)).innerJoin(users, eq(users.id, members.userId)).where(eq(users.emailKey, email))
    expect(made).toHaveLength(1)
    expect(await mailsTo(email)).toHaveLength(2)
    expect(await approve(id, freshSlug())).toMatchObject({
      status: 409,
      body: { code: 'request.decided' },
    })
    expect(await asOperator('PATCH', `/admin/requests/${id}`, { state: 'new' })).toMatchObject({
      status: 409,
      body: { code: 'request.decided' },
    })
  })

  it('makes nothing where another workspace has the address, and can be tried again', async () => {
    const { email, id } = await received()
    const other = await createWorkspace(test)
    expect(await approve(id, other.slug)).toMatchObject({
      status: 409,
      body: {
        code: 'workspace.slug_taken',
        errors: [
          { pointer: '/slug' },
        ],
      },
    })
    expect(await approve(id, 'contact')).toMatchObject({
      status: 400,
      body: { code: 'workspace.slug_reserved' },
    })
    expect(await account(email)).toBe(undefined)
    expect(await mailsTo(email)).toHaveLength(1)
    expect(await told(id)).toEqual(['request.received'])
    expect((await approve(id, freshSlug())).status).toBe(201)
  })

  const prove = ({ id }: TestUser) => test.deps.db.update(users).set({
    emailVerifiedAt: test.clock.now(),
  }).where(eq(users.id, id))

  it('makes whoever has the address the owner, and no password; not somebody who is disabled', async () => {
    const person = await createUser(test)
    await prove(person)
    const { id } = await received({ email: person.email })
    const { email, ...sent } = await received({ email: person.email })
    await test.deps.db.update(users).set({
      disabledAt: test.clock.now(),
    }).where(eq(users.id, person.id))
    expect(await approve(id, freshSlug())).toMatchObject({
      status: 409,
      body: { code: 'user.disabled' },
    })
    await test.deps.db.update(users).set({ disabledAt: null }).where(eq(users.id, person.id))
    const { body } = await approve(sent.id, freshSlug())
    expect(body).toMatchObject({
      owner: { id: person.id, name: person.name },
      isNewPerson: false,
      isMailed: true,
      url: null,
    })
    const [seat] = await test.deps.db.select().from(members).where(and(eq(members.workspaceId, body.workspaceId), eq(members.userId, person.id)))
    expect(seat!.role).toBe('owner')
    const last = (await mailsTo(person.email)).at(-1)!
    expect(last.text).toContain(`/w/${body.slug}/files`)
    expect(last.text).not.toContain('password-reset')
  })

  it('takes an account from whoever made it with an address that they never proved, when somebody else has', async () => {
    const mallory = await createUser(test)
    await addTotp(test, mallory)
    await test.deps.db.update(users).set({
      passwordHash: await hashPassword(PASSWORD),
    }).where(eq(users.id, mallory.id))
    const { id, email } = await received({
      email: mallory.email,
      news: ['product'],
    })
    // Without a request nobody has shown anything.
    expect(await asOperator('POST', '/admin/workspaces', {
      name: 'Borealis',
      slug: freshSlug(),
      owner: { name: 'Ana', email },
    })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    })
    const { status, body } = await approve(id, freshSlug())
    expect([status, body]).toMatchObject([
      201,
      {
        owner: { id: mallory.id },
        isNewPerson: true,
        isMailed: true,
      },
    ])
    expect((await test.call('GET', '/me', { token: mallory.token })).status).toBe(401)
    const login = async (password: string) => (await test.call('POST', '/auth/login', {
      body: { email, password },
    })).status
    expect(await login(PASSWORD)).toBe(401)
    expect(await test.deps.secondFactors.methodsOf(mallory.id)).toEqual([])
    const [, link] = /(\/password-reset#token=[\w-]{43})/.exec((await mailsTo(email)).at(-1)!.text)!
    const other = 'a-kettle-beside-the-window'
    expect((await test.call('POST', `/auth/password-reset/${link!.split('=').at(-1)}`, {
      body: { password: other },
    })).status).toBe(204)
    expect(await login(other)).toBe(200)
    expect((await account(email))!.emailVerifiedAt).not.toBeNull()
    expect((await toldEvents(test, eq(auditEvents.subjectId, mallory.id))).filter(({ action }) => action !== 'user.factor_added').map(({ action, details }) => [action, details.by])).toMatchObject([
      ['user.password_reset', 'proof'],
      ['session.refused', undefined],
      ['user.password_reset', 'link'],
      ['session.started', undefined],
    ])
  })

  it('gives no consent to an account that was there: it may have been withdrawn since', async () => {
    const person = await createUser(test)
    await prove(person)
    const { id } = await received({
      email: person.email,
      news: ['product'],
    })
    for (const isGiven of [true, false]) {
      await test.call('PUT', '/me/consents/product', {
        token: person.token,
        body: { isGiven },
      })
    }
    expect((await approve(id, freshSlug())).status).toBe(201)
    expect((await test.call('GET', '/me/consents', { token: person.token })).body.items).toMatchObject([
      { kind: 'launch', isGiven: false },
      { kind: 'product', isGiven: false },
    ])
  })

  it('is of who asks to come in, and of nobody else', async () => {
    const { id } = await received({ kind: 'question' })
    expect(await approve(id, freshSlug())).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    })
    expect((await approve((await received({ kind: 'onboarding' })).id, freshSlug())).status).toBe(201)
  })
})

describe('a workspace for somebody', () => {
  it('is made by an operator without a request, in the same way', async () => {
    const email = fresh()
    const slug = freshSlug()
    const make = (body: object) => asOperator('POST', '/admin/workspaces', body)
    const { status, body } = await make({
      name: 'Harbour',
      slug,
      owner: { name: 'Ben', email },
    })
    expect([status, body]).toMatchObject([
      201,
      {
        slug,
        isNewPerson: true,
        isMailed: true,
        url: null,
      },
    ])
    expect((await mailsTo(email))[0]!.text).toMatch(/\/password-reset#token=[\w-]{43}/)
    expect((await test.deps.db.select().from(users).where(eq(users.emailKey, email)))[0]).toMatchObject({ emailVerifiedAt: null })
    expect(await make({
      name: 'Harbour',
      slug,
      owner: {
        name: 'Cleo',
        email: fresh(),
      },
    })).toMatchObject({
      status: 409,
      body: { code: 'workspace.slug_taken' },
    })
    for (const owner of [
      { name: 'A\nB', email },
      { name: 'B', email: 'b' },
      { email },
    ]) {
      expect((await make({
        name: 'Harbour',
        slug: freshSlug(),
        owner,
      })).status).toBe(400)
    }
  })

  it('gives the operator the link to pass on, where no mail is sent', async () => {
    const plain = await createTestApp()
    try {
      const { id, token } = await createUser(plain, { isOperator: true })
      const { body } = await plain.call('POST', '/admin/workspaces', {
        token,
        body: {
          name: 'Harbour',
          slug: 'harbour',
          owner: { name: 'Ben', email: 'ben@example.com' },
        },
      })
      expect(body).toMatchObject({
        isNewPerson: true,
        isMailed: false,
        url: expect.stringMatching(/\/password-reset#token=[\w-]{43}$/),
      })
      expect((await plain.call('POST', `/auth/password-reset/${body.url.split('=').at(-1)}`, {
        body: { password: PASSWORD },
      })).status).toBe(204)
      expect((await toldEvents(plain, eq(auditEvents.actorId, id))).map(({ action }) => action).sort()).toEqual(['user.made', 'workspace.created'])
    }
    finally {
      await plain.close()
    }
  })
})

describe('a privacy request', () => {
  const privacy = () => received({ kind: 'privacy', right: 'deletion' })

  it('is due in thirty days, rings once when they are over, and is put off once with a reason that its sender gets', async () => {
    test.clock.set(test.clock.now())
    const { email, token, id } = await privacy()
    const dueAt = test.clock.now().getTime() + 30 * DAY_MS
    expect((await asOperator('GET', `/admin/requests/${id}`)).body).toMatchObject({
      right: 'deletion',
      identity: 'address',
      dueAt: new Date(dueAt).toISOString(),
    })
    test.clock.advance(30 * DAY_MS - 1)
    await test.deps.requests.tellOverdue()
    expect(await told(id)).toEqual(['request.received'])
    test.clock.advance(1)
    await Promise.all([
      test.deps.requests.tellOverdue(),
      test.deps.requests.tellOverdue(),
    ])
    expect(await told(id)).toEqual(['request.received', 'request.overdue'])

    // The other one's session is over by now.
    const later = await createUser(test, { isOperator: true })
    const extend = () => asOperator('POST', `/admin/requests/${id}/extend`, { reason: 'It lies in archives' }, later)
    expect((await extend()).body).toMatchObject({
      dueAt: new Date(dueAt + 60 * DAY_MS).toISOString(),
      extendedReason: 'It lies in archives',
    })
    expect(await extend()).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    })
    const mail = (await mailsTo(email)).at(-1)!
    expect(mail.text).toContain('It lies in archives')
    expect((await test.call('GET', atRequest(token))).body.dueAt).toBe(new Date(dueAt + 60 * DAY_MS).toISOString())
    test.clock.advance(60 * DAY_MS)
    await test.deps.requests.tellOverdue()
    expect((await told(id)).slice(2)).toEqual(['request.extended', 'request.overdue'])
  })

  it('ends with a letter and with what was done, by whom', async () => {
    const { email, id } = await privacy()
    const reply = (body: object) => asOperator('POST', `/admin/requests/${id}/replies`, { text: 'Done.', ...body })
    for (const state of ['answered', 'declined']) {
      expect(await asOperator('PATCH', `/admin/requests/${id}`, { state })).toMatchObject({
        status: 409,
        body: { code: 'request.letter_needed' },
      })
      expect(await reply({ state })).toMatchObject({
        status: 409,
        body: { code: 'request.letter_needed' },
      })
      expect(await reply({ state, outcome: ' \n' })).toMatchObject({ status: 400 })
    }
    expect(await mailsTo(email)).toHaveLength(1)
    expect((await reply({})).body).toMatchObject({ state: 'in_progress', outcome: null })
    expect((await reply({ state: 'answered', outcome: 'Deleted the account' })).body).toMatchObject({
      state: 'answered',
      outcome: 'Deleted the account',
      handledBy: { id: operator.id },
      handledAt: expect.any(String),
    })
    expect(await mailsTo(email)).toHaveLength(3)
    test.clock.advance(31 * DAY_MS)
    await test.deps.requests.tellOverdue()
    test.clock.advance(-31 * DAY_MS)
    expect(await told(id)).not.toContain('request.overdue')
    expect(await asOperator('POST', `/admin/requests/${id}/extend`, { reason: 'x' })).toMatchObject({ status: 409 })
  })

  it('alone has a day that can be put off', async () => {
    const { id } = await received()
    expect(await asOperator('POST', `/admin/requests/${id}/extend`, { reason: 'x' })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    })
  })
})

describe('a member who asks from inside', () => {
  it('is known, and heard at once, with where they were', async () => {
    const workspace = await createWorkspace(test)
    const { owner } = workspace
    const ask = (body: object) => test.call('POST', '/me/requests', { token: owner.token, body })
    const { status, body } = await ask({
      message: 'Where is the trash?',
      workspaceId: workspace.id,
      page: 'Files',
      language: 'de',
    })
    expect([status, body]).toEqual([
      202,
      {
        reference: expect.any(String),
        isMailed: false,
        url: expect.any(String),
      },
    ])
    const { items: [{ id }] } = (await asOperator('GET', `/admin/requests?q=${body.reference}`)).body
    expect((await asOperator('GET', `/admin/requests/${id}`)).body).toMatchObject({
      kind: 'support',
      name: owner.name,
      email: owner.email,
      identity: 'account',
      context: {
        workspaceId: workspace.id,
        workspace: expect.any(String),
        page: 'Files',
        version: '0.0.0-test',
      },
    })
    // Whose address nobody proved may be somebody else.
    await test.deps.db.update(users).set({
      emailVerifiedAt: test.clock.now(),
    }).where(eq(users.id, owner.id))
    const { body: { reference } } = await ask({ message: 'And the files?' })
    expect((await asOperator('GET', `/admin/requests?q=${reference}`)).body.items).toMatchObject([
      { identity: 'session' },
    ])
    await asOperator('POST', `/admin/requests/${id}/replies`, { text: 'In the sidebar' })
    expect((await mailsTo(owner.email)).at(-1)!.text).toContain('In the sidebar')
    const other = await createWorkspace(test)
    expect((await ask({ message: 'Hello', workspaceId: other.id })).status).toBe(404)
    expect((await ask({ message: '' })).status).toBe(400)
  })
})

describe('templates', () => {
  it('are all replaced at once, one of a title and language', async () => {
    const put = (items: object[]) => test.call('PUT', '/admin/request-templates', {
      token: operator.token,
      body: { items },
    })
    const [en, de] = [
      { language: 'en', title: 'Thanks', text: 'Thank you.\n\nWe look at it.' },
      { language: 'de', title: 'Danke', text: 'Danke.' },
    ]
    expect((await put([en, de])).body).toEqual({
      items: [de, en],
    })
    expect((await asOperator('GET', '/admin/request-templates')).body.items).toHaveLength(2)
    expect(await put([
      en,
      { ...en, title: ' Thanks ' },
    ])).toMatchObject({ status: 400 })
    expect(await put([
      { ...en, language: 'fr' },
    ])).toMatchObject({ status: 400 })
    expect((await put([])).body).toEqual({ items: [] })
  })
})
