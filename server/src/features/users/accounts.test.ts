import type { TestApp } from '../../../test/test-app.ts'
import type { AccountsService } from './accounts.service.ts'
import { and, eq, inArray } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, setUpInstance } from '../../../test/factories.ts'
import { createTestApp, useTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { createAccountsService } from './accounts.service.ts'

const PASSWORD = 'a harbour of nine lanterns'

let test: TestApp
let accounts: AccountsService
const accountsOf = ({ deps }: TestApp) => createAccountsService(deps)
beforeAll(async () => {
  test = await createTestApp()
  await setUpInstance(test)
  accounts = accountsOf(test)
})
afterAll(() => test.close())

const signIn = (email: string, password: string) => test.call('POST', '/auth/login', {
  body: { email, password },
})
const eventsAbout = async (id: string) => (await toldEvents(test, and(eq(auditEvents.subjectId, id), inArray(auditEvents.action, ['user.password_reset', 'user.operator_made']))))
  .map(({ action, actor, details }) => ({ action, actor: actor.kind, details }))

describe('accounts, as whoever has the machine changes them', () => {
  it('sets a password, ends the sessions, and tells the log; refuses what is guessed and who is unknown', async () => {
    const user = await createUser(test, { name: 'Ines Hafen' })
    await createUser(test)
    expect((await test.call('GET', '/me', { token: user.token })).status).toBe(200)

    await expect(accounts.resetPassword(user.email, 'password1234')).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/^This password cannot be used\. /),
    })
    await expect(accounts.resetPassword('nobody@example.com', PASSWORD)).rejects.toMatchObject({ exitCode: 1, message: 'Nobody has the address nobody@example.com here.' })
    expect((await test.call('GET', '/me', { token: user.token })).status).toBe(200)

    const { account, endedSessions } = await accounts.resetPassword(` ${user.email.toUpperCase()}`, PASSWORD)
    expect([account.id, endedSessions]).toEqual([user.id, 1])
    expect((await test.call('GET', '/me', { token: user.token })).status).toBe(401)
    expect((await signIn(user.email, PASSWORD)).status).toBe(200)
    expect(await eventsAbout(user.id)).toEqual([
      {
        action: 'user.password_reset',
        actor: 'system',
        details: { endedSessions: 1, endedTokens: 0, by: 'machine' },
      },
    ])
  })

  it('makes an operator, of nobody or of somebody, once', async () => {
    await accounts.createOperator({ email: 'Second@Example.com', name: 'Second', password: PASSWORD })
    const { body: { user } } = await signIn('second@example.com', PASSWORD)
    expect(user).toMatchObject({ name: 'Second', email: 'Second@Example.com', isOperator: true })
    await expect(accounts.createOperator({ email: 'second@example.com', name: 'Third', password: PASSWORD })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('already'),
    })

    const member = await createUser(test)
    expect((await test.call('GET', '/admin/instance', { token: member.token })).status).toBe(403)
    expect(await accounts.makeOperator(member.email)).toMatchObject({ id: member.id, isOperator: false })
    expect(await accounts.makeOperator(member.email)).toMatchObject({ id: member.id, isOperator: true })
    expect((await test.call('GET', '/admin/instance', { token: member.token })).status).toBe(200)
    expect(await eventsAbout(user.id)).toEqual([
      {
        action: 'user.operator_made',
        actor: 'system',
        details: { isNew: true },
      },
    ])
    expect(await eventsAbout(member.id)).toEqual([
      {
        action: 'user.operator_made',
        actor: 'system',
        details: { isNew: false },
      },
    ])

    expect((await accounts.list()).filter(({ isOperator }) => isOperator).map(({ email }) => email)).toEqual(expect.arrayContaining(['Second@Example.com', member.email]))
  })

  it('leaves the first operator to the set-up', async () => {
    const fresh = await useTestApp()
    await expect(accountsOf(fresh).createOperator({ email: 'first@example.com', name: 'First', password: PASSWORD })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('not set up yet'),
    })
    expect(await accountsOf(fresh).list()).toEqual([])
  })
})
