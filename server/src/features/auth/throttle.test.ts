import type { TestApp } from '../../../test/test-app.ts'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createTestApp } from '../../../test/test-app.ts'
import { createThrottle, delaySeconds, throttleKeys } from './throttle.ts'
import { throttles } from './throttles.table.ts'

describe('delaySeconds', () => {
  it('lets the free tries pass, then doubles up to the longest', () => {
    expect([4, 5, 6, 7, 14, 15, 1000].map(failures => delaySeconds('pair', failures))).toEqual([0, 1, 2, 4, 512, 900, 900])
  })

  it('only slows a subject, however often it was attacked', () => {
    expect(delaySeconds('subject', 49)).toBe(0)
    expect(delaySeconds('subject', 1000)).toBe(10)
  })
})

describe('throttleKeys', () => {
  it('counts an IPv6 network, not its addresses, and IPv4 however it is written', () => {
    const keys = (source: string) => throttleKeys('login', { subject: 'a', source })
    expect(keys('2001:db8:1:2:3:4:5:6')).toEqual(keys('2001:db8:1:2::1'))
    expect(keys('2001:db8:1:3::1')).not.toEqual(keys('2001:db8:1:2::1'))
    expect(keys('::ffff:203.0.113.7')).toEqual(keys('203.0.113.7'))
  })
})

describe('the throttle', () => {
  let test: TestApp
  beforeAll(async () => { test = await createTestApp() })
  afterAll(() => test.close())
  const make = () => createThrottle({ db: test.deps.db, clock: test.clock.now })
  let n = 0
  const keysOf = (subject: string, source: string) => throttleKeys('test', { subject, source })
  const fresh = () => ({ subject: `subject ${++n}`, source: `198.51.100.${n}` })

  it('refuses after the free tries and says for how long', async () => {
    const throttle = make()
    const { subject, source } = fresh()
    const keys = keysOf(subject, source)
    for (let i = 0; i < 5; i++) {
      await throttle.check(keys)
      await throttle.fail(keys)
    }
    await expect(throttle.check(keys)).rejects.toMatchObject({ code: 'rate.limited', status: 429, retryAfter: 1 })
    test.clock.advance(1000)
    await throttle.check(keys)
    await throttle.fail(keys)
    await expect(throttle.check(keys)).rejects.toMatchObject({ retryAfter: 2 })
  })

  it('does not block the same subject from another source, nor another subject from the same source', async () => {
    const throttle = make()
    const { subject, source } = fresh()
    for (let i = 0; i < 8; i++) await throttle.fail(keysOf(subject, source))
    await throttle.check(keysOf(subject, '203.0.113.1'))
    await throttle.check(keysOf('somebody else', source))
    await expect(throttle.check(keysOf(subject, source))).rejects.toThrow()
  })

  it('counts every one of parallel failures', async () => {
    const throttle = make()
    const { subject, source } = fresh()
    const before = await test.deps.db.select().from(throttles)
    await Promise.all(Array.from({ length: 20 }, () => throttle.fail(keysOf(subject, source))))
    const after = await test.deps.db.select().from(throttles)
    const added = after.filter(row => !before.some(old => old.key === row.key))
    expect(added.map(row => row.failures)).toEqual([20, 20, 20])
  })

  it('lets no more than the free tries of a parallel burst pass', async () => {
    const throttle = make()
    const { subject, source } = fresh()
    test.clock.set(test.clock.now())
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => throttle.attempt(keysOf(subject, source))))
    test.clock.set(null)
    expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(5)
  })

  it('takes no free try away from whoever has a slower clock', async () => {
    const { subject, source } = fresh()
    await make().attempt(keysOf(subject, source))
    const behind = createThrottle({
      db: test.deps.db,
      clock: () => new Date(test.clock.now().getTime() - 500),
    })
    await behind.attempt(keysOf(subject, source))
  })

  it('counts a /48 too, from however many of its networks the guesses come; a success takes none of it away', async () => {
    const throttle = make()
    test.clock.set(test.clock.now())
    const from = (network: number, subject: string) => throttle.attempt(keysOf(subject, `2001:db8:77:${network.toString(16)}::1`))
    await (await from(1000, 'mine')).succeeded()
    for (let network = 0; network < 100; network++) await from(network, `somebody ${network}`)
    await expect(from(200, 'another')).rejects.toMatchObject({ code: 'rate.limited' })
    await throttle.attempt(keysOf('another', '2001:db8:78::1'))
    test.clock.set(null)
  })

  it('lets a /48 ask three times as often as one of its networks, and others not at all less', async () => {
    const throttle = make()
    test.clock.set(test.clock.now())
    onTestFinished(() => test.clock.set(null))
    const ask = (ip: string | null) => throttle.limitPlace('ask', ip, { count: 4, windowSeconds: 60 })
    const refused = { code: 'rate.limited' }
    for (let network = 0; network < 3; network++) {
      for (let n = 0; n < 4; n++) await ask(`2001:db8:7a:${network}::${n + 1}`)
      await expect(ask(`2001:db8:7a:${network}::9`)).rejects.toMatchObject(refused)
    }
    await expect(ask('2001:db8:7a:9::1')).rejects.toMatchObject(refused)
    await ask('2001:db8:7b::1')
    for (let n = 0; n < 4; n++) await ask('192.0.2.77')
    await expect(ask('192.0.2.77')).rejects.toMatchObject(refused)
    test.clock.advance(60_000)
    await ask('2001:db8:7a:9::1')
  })

  it('forgets the pair after a success, but not what else the source guessed', async () => {
    const throttle = make()
    const { subject, source } = fresh()
    for (let i = 0; i < 29; i++) await throttle.fail(keysOf(`victim ${i}`, source))
    const mine = await throttle.attempt(keysOf(subject, source))
    await mine.succeeded()
    await throttle.fail(keysOf('one more', source))
    await expect(throttle.check(keysOf(subject, source))).rejects.toThrow()
  })

  it('forgets after a day', async () => {
    const throttle = make()
    const { subject, source } = fresh()
    const keys = keysOf(subject, source)
    for (let i = 0; i < 12; i++) await throttle.fail(keys)
    test.clock.advance(86_400_000)
    await throttle.fail(keys)
    await throttle.check(keys)
  })

  it('keeps neither addresses nor names, and bounds its keys', async () => {
    const throttle = make()
    await throttle.fail(throttleKeys('login', { subject: `ana@example.com${'x'.repeat(10_000)}`, source: '203.0.113.99' }))
    const stored = (await test.deps.db.select().from(throttles)).map(row => row.key)
    expect(stored.join()).not.toMatch(/ana@|203\.0/)
    expect(Math.max(...stored.map(key => key.length))).toBeLessThan(64)
  })
})
