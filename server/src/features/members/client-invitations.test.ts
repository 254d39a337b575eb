import type { TestWorkspace } from '../../../test/factories.ts'
import type { MailApp } from '../../../test/mail-app.ts'
import type { TestSmtp } from '../../../test/smtp-server.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { addMember, createFile, createUser, createWorkspace } from '../../../test/factories.ts'
import { createMailApp } from '../../../test/mail-app.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { users } from '../users/users.table.ts'
import { invitations } from './members.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'
const EMAIL = 'ana@borealis.example'

let smtp: TestSmtp
let test: TestApp
let workspace: TestWorkspace
let close: MailApp['close']
beforeEach(async () => {
  ;({ smtp, test, close } = await createMailApp())
  workspace = await createWorkspace(test)
})
afterEach(() => close())

async function invite(body: object = {}, by = workspace.owner): Promise<{ copied: string, mailed: string }> {
  const answer = await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
    token: by.token,
    body: { email: EMAIL, role: 'client', ...body },
  })
  expect([answer.status, answer.body.role]).toEqual([201, 'client'])
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  return {
    copied: answer.body.url.split('/').at(-1),
    mailed: /\/invite\/([\w-]+)/.exec(smtp.mails.at(-1)!.text)![1]!,
  }
}
const show = async (token: string) => (await test.call('GET', `/public/invitations/${token}`)).body
const accept = (token: string, body: object, bearer?: string) => test.call('POST', `/public/invitations/${token}/accept`, { body, token: bearer })
const brief = ({ status, body }: { status: number, body: { code?: string, errors?: { pointer: string }[] } }) => [
  status,
  body.code,
  ...(body.errors ?? []).map(({ pointer }) => pointer),
]

it('a client’s contact joins by the link in the mail with a name alone, has shown that they read mail there, and signs in by codes from then on', async () => {
  const { mailed } = await invite()
  expect(smtp.mails[0]!.text).toMatch(/without a password[\s\S]*Client/)
  expect(await show(mailed)).toMatchObject({ role: 'client', email: EMAIL, needsPassword: false })
  const joined = await accept(mailed, { name: 'Ana Ruiz' })
  expect(joined.status).toBe(200)
  const { accessToken, user } = joined.body.session
  expect((await test.call('GET', '/me', { token: accessToken })).body).toMatchObject({
    isEmailVerified: true,
    memberships: [
      { role: 'client', shutsAt: null },
    ],
  })
  const [row] = await test.deps.db.select().from(users).where(eq(users.id, user.id))
  expect(row!.passwordHash).toBeNull()
  expect((await toldEvents(test, eq(auditEvents.chainId, workspace.id))).map(({ action, details }) => [action, details.role])).toEqual([
    ['invitation.created', 'client'],
    ['invitation.accepted', 'client'],
    ['member.joined', 'client'],
  ])

  await test.call('POST', '/auth/email-code', {
    body: { email: EMAIL },
  })
  await test.deps.emailCodes.settled()
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  expect(smtp.mails.at(-1)!.headers.subject).toMatch(/^Your code/)
  expect((await test.call('POST', '/auth/login', {
    body: { email: EMAIL, password: PASSWORD },
  })).status).toBe(401)
})

it('without the mail, or as more than a client, a password is needed', async () => {
  const { copied } = await invite()
  expect((await show(copied)).needsPassword).toBe(true)
  expect(brief(await accept(copied, { name: 'Ana Ruiz' }))).toEqual([400, 'request.invalid', '/password'])
  expect(brief(await accept(copied, {}))).toEqual([400, 'request.invalid', '/password'])
  expect((await accept(copied, { name: 'Ana Ruiz', password: PASSWORD })).status).toBe(200)

  const answer = await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
    token: workspace.owner.token,
    body: { email: 'ben@acme.example', role: 'staff' },
  })
  expect(answer.status).toBe(201)
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  const mailed = /\/invite\/([\w-]+)/.exec(smtp.mails.at(-1)!.text)![1]!
  expect((await show(mailed)).needsPassword).toBe(true)
  expect(brief(await accept(mailed, { name: 'Ben' }))).toEqual([400, 'request.invalid', '/password'])
})

it('whoever has an account joins by it, and no name makes another or lets anybody in', async () => {
  const person = await createUser(test)
  const { mailed } = await invite({ email: person.email })
  expect(brief(await accept(mailed, { name: 'Somebody' }))).toEqual([401, 'auth.wrong_credentials'])
  expect(brief(await accept(mailed, { name: 'Somebody', email: 'other@example.com' }))).toEqual([403, 'invitation.other_email'])
  expect((await accept(mailed, {}, person.token)).status).toBe(200)
})

it('nobody makes an account by it where nobody may', async () => {
  const { mailed } = await invite()
  const operator = await createUser(test, { isOperator: true })
  expect((await test.call('PATCH', '/admin/instance', {
    token: operator.token,
    body: { registration: 'closed' },
  })).status).toBe(200)
  expect(brief(await accept(mailed, { name: 'Ana Ruiz' }))).toEqual([401, 'auth.wrong_credentials'])
})

it('sent again, it has a new link, good from now on, and ends with the former; five times an hour, by whoever may invite so', async () => {
  const { copied, mailed } = await invite({ expiresInDays: 1 })
  const [open] = (await test.call('GET', `/workspaces/${workspace.id}/invitations`, { token: workspace.owner.token })).body.items
  const resend = (by = workspace.owner, body: object = {}) => test.call('POST', `/workspaces/${workspace.id}/invitations/${open.id}/resend`, { token: by.token, body })
  const admin = await addMember(test, workspace, 'admin')
  const staff = await addMember(test, workspace, 'staff')
  const stranger = await createWorkspace(test)
  expect((await resend(staff)).status).toBe(403)
  expect((await test.call('POST', `/workspaces/${stranger.id}/invitations/${open.id}/resend`, { token: stranger.owner.token, body: {} })).status).toBe(404)
  expect((await resend(admin, { expiresInDays: 31 })).status).toBe(400)

  // It has expired meanwhile.
  await test.deps.db.update(invitations).set({
    expiresAt: new Date(0),
  }).where(eq(invitations.id, open.id))
  expect((await show(mailed)).code).toBe('invitation.not_found')
  const again = await resend(admin, { language: 'de' })
  expect(again.body).toMatchObject({
    id: open.id,
    state: 'open',
    isMailed: true,
    createdBy: { id: admin.id },
  })
  expect(Date.parse(again.body.expiresAt)).toBeGreaterThan(Date.now() + 6 * 86_400_000)
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  expect(smtp.mails.map(({ headers }) => headers.subject)).toEqual([
    expect.stringContaining('invites you'),
    expect.stringContaining('lädt Sie'),
  ])
  const fresh = /\/invite\/([\w-]+)/.exec(smtp.mails.at(-1)!.text)![1]!
  for (const former of [copied, mailed]) expect((await show(former)).code).toBe('invitation.not_found')
  expect((await show(again.body.url.split('/').at(-1))).needsPassword).toBe(true)

  // One that waits in the outbox does not leave any more when the next is made.
  for (let i = 0; i < 2; i++) expect((await resend(admin)).body.isMailed).toBe(true)
  await test.deps.mail.sendDue(AbortSignal.timeout(60_000))
  // In the language that was chosen last.
  expect(smtp.mails[2]!.headers.subject).toContain('lädt Sie')
  expect(smtp.mails).toHaveLength(3)
  expect((await show(fresh)).code).toBe('invitation.not_found')
  expect((await show(/\/invite\/([\w-]+)/.exec(smtp.mails.at(-1)!.text)![1]!)).needsPassword).toBe(false)

  // The address has had its five mails: there is the link alone.
  expect((await resend(admin)).body.isMailed).toBe(true)
  const last = await resend(admin)
  expect(last.body.isMailed).toBe(false)
  expect((await resend(admin)).status).toBe(429)
  const told = await toldEvents(test, eq(auditEvents.chainId, workspace.id))
  expect(told.filter(({ action }) => action === 'invitation.resent').map(({ details }) => details.role)).toEqual(Array.from({ length: 5 }).fill('client'))
  expect((await accept(last.body.url.split('/').at(-1), { name: 'Ana Ruiz', password: PASSWORD })).status).toBe(200)
})

it('is not sent again once it was used or revoked, nor by whoever may not give its role', async () => {
  const admin = await addMember(test, workspace, 'admin')
  const make = async (role: string) => (await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
    token: workspace.owner.token,
    body: { role },
  })).body
  const resend = (id: string) => test.call('POST', `/workspaces/${workspace.id}/invitations/${id}/resend`, { token: admin.token, body: {} })
  expect((await resend((await make('owner')).id)).body.code).toBe('access.denied')
  const [used, revoked] = [await make('staff'), await make('staff')]
  expect((await accept(used.url.split('/').at(-1), {}, (await createUser(test)).token)).status).toBe(200)
  expect((await resend(used.id)).body.code).toBe('invitation.used')
  await test.call('DELETE', `/workspaces/${workspace.id}/invitations/${revoked.id}`, { token: admin.token })
  expect((await resend(revoked.id)).status).toBe(404)
})

it('without mail the link alone is made, and a password with it', async () => {
  const without = await useTestApp()
  const own = await createWorkspace(without)
  const { body } = await without.call('POST', `/workspaces/${own.id}/invitations`, {
    token: own.owner.token,
    body: { email: EMAIL, role: 'client' },
  })
  expect(body.isMailed).toBe(false)
  expect((await without.call('GET', `/public/invitations/${body.url.split('/').at(-1)}`)).body.needsPassword).toBe(true)
})

it('administrators invite clients and make them staff; staff invite nobody; and nobody who was more becomes a client', async () => {
  const admin = await addMember(test, workspace, 'admin')
  await invite({}, admin)
  const staff = await addMember(test, workspace, 'staff')
  expect((await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
    token: staff.token,
    body: { role: 'client' },
  })).status).toBe(403)
  const client = await addMember(test, workspace, 'client')
  const { items } = (await test.call('GET', `/workspaces/${workspace.id}/members`, { token: admin.token })).body
  const seatOf = (userId: string) => `/workspaces/${workspace.id}/members/${items.find((item: { userId: string }) => item.userId === userId).id}`
  expect((await test.call('PATCH', seatOf(staff.id), {
    token: admin.token,
    body: { role: 'client' },
  })).status).toBe(400)
  expect((await test.call('PATCH', seatOf(client.id), {
    token: admin.token,
    body: { role: 'staff' },
  })).status).toBe(200)
})

it('a client sees nothing of the staff’s space but what was granted to them', async () => {
  const client = await addMember(test, workspace, 'client')
  const file = await createFile(test, workspace, { name: 'secret.txt', content: 'x' })
  for (const path of [
    `/workspaces/${workspace.id}`,
    `/workspaces/${workspace.id}/members`,
    `/workspaces/${workspace.id}/spaces`,
    `/workspaces/${workspace.id}/items?parentId=${workspace.rootId}`,
    `/items/${file.id}`,
    `/files/${file.id}/content`,
  ]) expect([path, (await test.call('GET', path, { token: client.token })).status]).toEqual([path, 404])
  expect((await test.call('GET', '/workspaces', { token: client.token })).body.items).toEqual([])
})
