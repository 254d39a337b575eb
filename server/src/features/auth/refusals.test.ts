import type { TestUser } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createUser, setUpInstance } from '../../../test/factories.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { users } from '../users/users.table.ts'
import { authJobs } from './auth.jobs.ts'
import { throttles } from './throttles.table.ts'

const PASSWORD = 'drizzle-on-the-tin-roof'

let test: TestApp
let passwordHash: string
beforeAll(async () => {
  test = await createTestApp()
  await setUpInstance(test)
  passwordHash = await hashPassword(PASSWORD)
})
beforeEach(() => test.clock.set(new Date()))
afterAll(() => test.close())

async function createAccount(): Promise<TestUser> {
  const user = await createUser(test)
  await test.deps.db.update(users).set({ passwordHash }).where(eq(users.id, user.id))
  return user
}
async function login(email: string, password: string, ip = '198.51.100.1') {
  const response = await test.app.inject({
    method: 'POST',
    url: '/api/v1/auth/login',
    remoteAddress: ip,
    headers: { 'user-agent': 'Example browser' },
    payload: { email, password },
  })
  return response.json()
}
const refusals = async (subjectId: string | null) => (await toldEvents(test, and(eq(auditEvents.action, 'session.refused'), subjectId === null
  ? isNull(auditEvents.subjectId)
  : eq(auditEvents.subjectId, subjectId))))
const endUnfinished = () => authJobs(test.deps)[0]!.handle({}, {
  signal: AbortSignal.timeout(60_000),
})

describe('refusals in the log', () => {
  it('of one account are thirty an hour at most, from wherever they come', async () => {
    const user = await createAccount()
    for (let n = 0; n < 40; n++) await login(user.email, 'wrong', `203.0.${n}.1`)
    expect(await refusals(user.id)).toHaveLength(30)
    test.clock.advance(3_600_001)
    await login(user.email, 'wrong', '203.0.100.1')
    expect(await refusals(user.id)).toHaveLength(31)
  })

  it('of no account are bounded together', async () => {
    const before = (await refusals(null)).length
    await login('nobody@example.com', 'wrong')
    expect(await refusals(null)).toHaveLength(before + 1)
    // As after a thousand of them: the count is the only one of its kind that is one by now.
    await test.deps.db.update(throttles).set({ failures: 1000 }).where(and(eq(throttles.failures, before + 1), isNull(throttles.blockedUntil), sql`${throttles.key} like 'subject:%'`))
    await login('nobody-else@example.com', 'wrong', '198.51.101.1')
    expect(await refusals(null)).toHaveLength(before + 1)
  })
})

describe('a right password without the second factor', () => {
  it('is told in the log when its time is over, from where it came, and once', async () => {
    const user = await createAccount()
    await addTotp(test, user)
    expect((await login(user.email, PASSWORD, '203.0.113.9')).mfaRequired).toBe(true)
    await endUnfinished()
    expect(await refusals(user.id)).toEqual([])
    test.clock.advance(10 * 60_000 + 1)
    await Promise.all([
      endUnfinished(),
      endUnfinished(),
    ])
    expect((await refusals(user.id)).map(({ actor, details, origin }) => [
      actor.kind,
      details.reason,
      origin.ip,
      origin.userAgent,
    ])).toEqual([
      [
        'visitor',
        'second_factor_missing',
        '203.0.113.9',
        'Example browser',
      ],
    ])
  })

  it('is no news where the same person came in from the same place since', async () => {
    const user = await createAccount()
    const totp = await addTotp(test, user)
    await login(user.email, PASSWORD)
    const { mfaToken } = await login(user.email, PASSWORD)
    const done = await test.app.inject({
      method: 'POST',
      url: '/api/v1/auth/mfa',
      remoteAddress: '198.51.100.1',
      payload: {
        mfaToken,
        method: 'totp',
        code: totp.nextCode(),
      },
    })
    expect(done.statusCode).toBe(200)
    test.clock.advance(10 * 60_000 + 1)
    await endUnfinished()
    expect(await refusals(user.id)).toEqual([])
  })
})
