import { describe, expect, it, vi } from 'vitest'
import { createTokenKeeper } from './token-keeper.ts'

const problem = (status: number) => Response.json({ code: 'x', title: 'x' }, {
  status,
  headers: { 'content-type': 'application/problem+json' },
})
const fresh = (accessToken: string, expiresIn = 900) => Response.json({ accessToken, expiresIn })

function setUp(answers: (() => Response | Promise<Response>)[], options: { onExpired?: () => Promise<boolean>, locks?: Pick<LockManager, 'request'> } = {}) {
  const clock = { now: 1_000_000 }
  const fetch = vi.fn(async () => {
    const next = answers.shift()
    if (!next) throw new Error('one refresh too many')
    return next()
  })
  const onExpired = vi.fn(options.onExpired ?? (async () => false))
  const keeper = createTokenKeeper({
    fetch: fetch as typeof globalThis.fetch,
    now: () => clock.now,
    onExpired,
    locks: options.locks,
  })
  return { keeper, fetch, onExpired, clock }
}

describe('token keeper', () => {
  it('asks nobody for a visitor', async () => {
    const { keeper, fetch } = setUp([])
    expect(await keeper.get()).toBeNull()
    expect(await keeper.replace('x')).toBeNull()
    expect(fetch).not.toHaveBeenCalled()
  })

  it('restores from the cookie, or quietly does not', async () => {
    const there = setUp([
      () => fresh('t1'),
    ])
    expect(await there.keeper.restore()).toBe(true)
    expect(await there.keeper.get()).toBe('t1')
    const gone = setUp([
      () => problem(401),
    ])
    expect(await gone.keeper.restore()).toBe(false)
    expect(gone.onExpired).not.toHaveBeenCalled()
  })

  it('refreshes once for many that ask at the same time', async () => {
    const { keeper, fetch, clock } = setUp([
      () => fresh('t2'),
    ])
    keeper.set({ accessToken: 't1', expiresIn: 900 })
    clock.now += 880_000
    expect(await Promise.all([
      keeper.get(),
      keeper.get(),
      keeper.replace('t1'),
    ])).toEqual(['t2', 't2', 't2'])
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('does not refresh for a request that was refused with an older token', async () => {
    const { keeper, fetch } = setUp([])
    keeper.set({ accessToken: 't2', expiresIn: 900 })
    expect(await keeper.replace('t1')).toBe('t2')
    expect(fetch).not.toHaveBeenCalled()
  })

  it('takes turns with the other tabs', async () => {
    let running = 0
    let most = 0
    let queue: Promise<unknown> = Promise.resolve()
    const locks = {
      request: (_: string, task: () => unknown) => queue = queue.then(task),
    } as unknown as LockManager
    const slow = (token: string) => async () => {
      most = Math.max(most, ++running)
      await new Promise(resolve => setTimeout(resolve, 5))
      running--
      return fresh(token)
    }
    const [one, two] = [
      setUp([
        slow('a'),
      ], { locks }),
      setUp([
        slow('b'),
      ], { locks }),
    ]
    expect(await Promise.all([
      one.keeper.restore(),
      two.keeper.restore(),
    ])).toEqual([true, true])
    expect(most).toBe(1)
  })

  it('asks the person once when the session is over, and everyone who waited goes on', async () => {
    const setup = setUp([
      () => problem(401),
    ], {
      onExpired: async () => {
        setup.keeper.set({ accessToken: 't9', expiresIn: 900 })
        return true
      },
    })
    setup.keeper.set({ accessToken: 't1', expiresIn: 900 })
    expect(await Promise.all([
      setup.keeper.replace('t1'),
      setup.keeper.replace('t1'),
    ])).toEqual(['t9', 't9'])
    expect(setup.onExpired).toHaveBeenCalledTimes(1)
  })

  it('says for how long nobody used the page, and hears by which limit the session ended', async () => {
    const sessionLimit = { kind: 'idle', minutes: 30 }
    const fetch = vi.fn(async () => Response.json({ code: 'auth.unauthenticated', sessionLimit }, {
      status: 401,
      headers: { 'content-type': 'application/problem+json' },
    }))
    const onNone = vi.fn()
    const keeper = createTokenKeeper({
      fetch,
      restedSeconds: () => 1800,
      onNone,
      onExpired: async () => false,
    })
    expect(await keeper.restore()).toBe(false)
    expect(fetch).toHaveBeenCalledWith('/api/v1/auth/refresh?restedSeconds=1800', expect.anything())
    expect(onNone).toHaveBeenCalledWith(sessionLimit)
  })

  it('gives null when the person leaves instead', async () => {
    const { keeper } = setUp([
      () => problem(401),
    ])
    keeper.set({ accessToken: 't1', expiresIn: 900 })
    expect(await keeper.replace('t1')).toBeNull()
  })

  it('does not take a failing server for a lost session', async () => {
    const { keeper, onExpired } = setUp([
      () => problem(503),
      () => Promise.reject(new TypeError('Failed to fetch')),
      () => fresh('t2'),
    ])
    keeper.set({ accessToken: 't1', expiresIn: 900 })
    await expect(keeper.replace('t1')).rejects.toMatchObject({ status: 503 })
    await expect(keeper.replace('t1')).rejects.toMatchObject({ code: 'network.unreachable' })
    expect(await keeper.replace('t1')).toBe('t2')
    expect(onExpired).not.toHaveBeenCalled()
  })

  it('lets a sign-out win over a refresh on its way', async () => {
    let arrive = (_: Response) => {}
    const { keeper } = setUp([
      () => new Promise<Response>((resolve) => { arrive = resolve }),
    ])
    keeper.set({ accessToken: 't1', expiresIn: 1 })
    const waiting = keeper.get()
    keeper.clear()
    arrive(fresh('t2'))
    await waiting
    expect(await keeper.get()).toBeNull()
  })
})
