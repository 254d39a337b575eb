import type { TestApp } from '../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { auditOf } from '../../test/audit-log.ts'
import { createUser, setUpInstance } from '../../test/factories.ts'
import { createTestApp, useTestApp } from '../../test/test-app.ts'
import { buildApp } from '../app.ts'
import { hashPassword } from '../crypto/passwords.ts'
import { INSTANCE_CHAIN } from '../features/audit/audit.service.ts'
import { users } from '../features/users/users.table.ts'
import { clientAddressOf } from './client-address.ts'
import { logOptions } from './request-log.ts'

it.each([
  ['no proxy is believed', undefined, '192.0.2.1'],
  [
    'one told',
    ['127.0.0.1', '203.0.113.9'],
    '203.0.113.9',
  ],
  [
    'one told it with a port',
    ['127.0.0.1', '203.0.113.9:5555'],
    '203.0.113.9',
  ],
  [
    'one told it in brackets',
    ['127.0.0.1', '[2001:db8::1]'],
    '2001:db8::1',
  ],
  [
    'one told it in brackets, with a port',
    ['127.0.0.1', '[2001:db8::1]:443'],
    '2001:db8::1',
  ],
  [
    'one told it bare',
    ['127.0.0.1', '2001:db8::1'],
    '2001:db8::1',
  ],
  [
    'the farthest told none',
    ['127.0.0.1', '10.0.0.7:80', 'unknown'],
    '10.0.0.7',
  ],
  [
    'it told a number',
    ['127.0.0.1', '17'],
    '127.0.0.1',
  ],
])('the client’s address when %s', (_when, ips, address) => {
  expect(clientAddressOf({ ip: ips?.at(-1) ?? '192.0.2.1', ips })).toBe(address)
})

describe('behind a balancer that adds ports', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp({
      env: { TRUSTED_PROXIES: '127.0.0.1 10.0.0.0/8' },
    })
    await setUpInstance(test)
    // Or what is throttled would be free again on a slow machine.
    test.clock.set(new Date())
  })
  afterAll(() => test.close())
  const PASSWORD = 'correct horse battery staple'
  async function person() {
    const user = await createUser(test)
    await test.deps.db.update(users).set({ passwordHash: await hashPassword(PASSWORD) }).where(eq(users.id, user.id))
    return user
  }
  const login = (from: string, email: string, password: string) => test.call('POST', '/auth/login', {
    body: { email, password },
    headers: { 'x-forwarded-for': from },
  })

  it('every client is one of its own, whatever its port', async () => {
    const user = await person()
    for (let port = 1; port <= 6; port++) await login(`203.0.113.66:${port}`, user.email, 'wrong')
    expect((await login('203.0.113.66:7', user.email, PASSWORD)).status).toBe(429)
    expect((await login('203.0.113.9:5555', user.email, PASSWORD)).status).toBe(200)
    expect((await login('[2001:db8::1]:443', user.email, PASSWORD)).status).toBe(200)
    const ips = (await auditOf(test, INSTANCE_CHAIN, 'session.started')).map(event => event.origin.ip)
    expect(ips).toEqual(expect.arrayContaining(['203.0.113.9', '2001:db8::1']))
    expect(ips.filter(ip => ip?.includes(':5555'))).toEqual([])
  })

  it('a proxy further away is believed with its port, too', async () => {
    const user = await person()
    expect((await login('198.51.100.4:1, 10.0.0.2:8080', user.email, PASSWORD)).status).toBe(200)
    expect((await auditOf(test, INSTANCE_CHAIN, 'session.started')).map(event => event.origin.ip)).toContain('198.51.100.4')
  })
})

it('what is no address is told to the operator, once, and not believed', async () => {
  const test = await useTestApp({
    env: { TRUSTED_PROXIES: '127.0.0.1' },
  })
  await setUpInstance(test)
  const lines: string[] = []
  const app = await buildApp(test.deps, {
    loggerInstance: pino(logOptions('info'), {
      write: (line: string) => { lines.push(line) },
    }),
  })
  onTestFinished(() => app.close())
  for (const from of [
    '203.0.113.9:5555',
    '_hidden',
    'unknown',
    '_hidden',
  ]) {
    await app.inject({
      url: '/api/v1/instance',
      headers: { 'x-forwarded-for': from },
    })
  }
  // Another process of the same deployment.
  const other = await buildApp(test.deps)
  onTestFinished(() => other.close())
  await other.inject({
    url: '/api/v1/instance',
    headers: { 'x-forwarded-for': 'unknown' },
  })
  expect(lines.filter(line => line.includes('does not end with an address'))).toHaveLength(1)
  expect(lines.join('')).not.toMatch(/_hidden|:5555/)
  const told = await auditOf(test, INSTANCE_CHAIN, 'instance.addresses_unreadable')
  expect(told).toMatchObject([
    {
      details: { proxy: '127.0.0.1' },
      actor: { kind: 'system' },
    },
  ])
})
