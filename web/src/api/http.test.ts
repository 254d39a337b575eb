import { describe, expect, it, vi } from 'vitest'
import { createApiFetch } from './http.ts'
import { ProblemError } from './problem.ts'
import { serverNow } from './server-time.ts'

const url = 'http://files.test/api/v1/workspaces'

function setUp(answers: (Response | Error)[], tokens: (string | null)[] = ['t1'], replacement: string | null = 't2', shown = true) {
  const requests: Request[] = []
  const bodies: string[] = []
  const fetch = vi.fn(async (request: Request) => {
    requests.push(request)
    bodies.push(await request.clone().text())
    const next = answers.shift()!
    if (next instanceof Error) throw next
    return next
  })
  const replace = vi.fn(async () => replacement)
  const stepUp = vi.fn(async () => shown)
  const apiFetch = createApiFetch({
    fetch: fetch as unknown as typeof globalThis.fetch,
    tokens: () => ({
      get: async () => tokens.shift() ?? null,
      replace,
      stepUp,
    }),
  })
  return {
    apiFetch,
    requests,
    bodies,
    replace,
    stepUp,
    bearers: () => requests.map(request => request.headers.get('authorization')),
  }
}

const ok = () => Response.json({ ok: true })
const refused = (code: string, status = 401) => Response.json({ code, title: code }, {
  status,
  headers: { 'content-type': 'application/problem+json' },
})

describe('the server\'s time', () => {
  it('is what its answers say, whatever the browser\'s clock', async () => {
    const threeDays = 3 * 86_400_000
    const { apiFetch } = setUp([
      Response.json({}, {
        headers: {
          date: new Date(Date.now() + threeDays).toUTCString(),
        },
      }),
      Response.json({}, {
        headers: { date: 'not a time' },
      }),
      Response.json({}, {
        headers: {
          date: new Date().toUTCString(),
        },
      }),
    ])
    const ahead = () => serverNow().getTime() - Date.now()
    await apiFetch(url)
    expect(Math.abs(ahead() - threeDays)).toBeLessThan(60_000)
    await apiFetch(url)
    expect(Math.abs(ahead() - threeDays)).toBeLessThan(60_000)
    await apiFetch(url)
    expect(Math.abs(ahead())).toBeLessThan(60_000)
  })
})

describe('apiFetch', () => {
  it('adds the bearer', async () => {
    const { apiFetch, bearers } = setUp([
      ok(),
    ])
    await apiFetch(url)
    expect(bearers()).toEqual(['Bearer t1'])
  })

  it('renews once on a 401 and sends the same body again', async () => {
    const { apiFetch, bearers, bodies, replace } = setUp([
      refused('auth.unauthenticated'),
      ok(),
    ])
    const response = await apiFetch(url, {
      method: 'POST',
      body: '{"name":"Acme"}',
      headers: { 'content-type': 'application/json' },
    })
    expect(response.status).toBe(200)
    expect(bearers()).toEqual(['Bearer t1', 'Bearer t2'])
    expect(bodies).toEqual(['{"name":"Acme"}', '{"name":"Acme"}'])
    expect(replace).toHaveBeenCalledExactlyOnceWith('t1')
  })

  it('asks who it is where a dangerous act wants to know, and sends the same once more', async () => {
    const asked = refused('auth.step_up_required', 403)
    const { apiFetch, bodies, bearers, stepUp } = setUp([
      asked,
      ok(),
    ], ['t1', 't1'])
    const response = await apiFetch(url, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    })
    expect([
      response.status,
      bodies,
      bearers(),
      stepUp.mock.calls.length,
    ]).toEqual([
      200,
      ['{"a":1}', '{"a":1}'],
      ['Bearer t1', 'Bearer t1'],
      1,
    ])
  })

  it('throws what it was told when nobody showed who it is, and asks for no other 403', async () => {
    const cancelled = setUp([
      refused('auth.step_up_required', 403),
    ], ['t1'], 't2', false)
    await expect(cancelled.apiFetch(url)).rejects.toMatchObject({ code: 'auth.step_up_required' })
    const denied = setUp([
      refused('access.denied', 403),
    ])
    await expect(denied.apiFetch(url)).rejects.toMatchObject({ code: 'access.denied' })
    expect(denied.stepUp).not.toHaveBeenCalled()
  })

  it('gives up after the second 401', async () => {
    const { apiFetch, requests } = setUp([
      refused('auth.unauthenticated'),
      refused('auth.unauthenticated'),
    ])
    await expect(apiFetch(url)).rejects.toMatchObject({ status: 401, code: 'auth.unauthenticated' })
    expect(requests).toHaveLength(2)
  })

  it('throws the first 401 when nobody signed in again', async () => {
    const { apiFetch, requests } = setUp([
      refused('auth.unauthenticated'),
    ], ['t1'], null)
    await expect(apiFetch(url)).rejects.toBeInstanceOf(ProblemError)
    expect(requests).toHaveLength(1)
  })

  it.each([
    'public/links/x',
    'auth/login',
    'setup',
    'uploads/1/parts/2',
  ])('sends no bearer to %s and never renews for it', async (path) => {
    const { apiFetch, bearers, replace } = setUp([
      refused('link.locked'),
    ])
    await expect(apiFetch(`http://files.test/api/v1/${path}`)).rejects.toMatchObject({ code: 'link.locked' })
    expect(bearers()).toEqual([null])
    expect(replace).not.toHaveBeenCalled()
  })

  it('keeps an authorization that the caller set', async () => {
    const { apiFetch, bearers } = setUp([
      ok(),
    ])
    await apiFetch(url, {
      headers: { authorization: 'Bearer upload' },
    })
    expect(bearers()).toEqual(['Bearer upload'])
  })

  it('makes problems of network failures and lets aborts through', async () => {
    const lost = setUp([
      new TypeError('Failed to fetch'),
    ])
    await expect(lost.apiFetch(url)).rejects.toMatchObject({ code: 'network.unreachable' })
    const aborted = setUp([
      new DOMException('stop', 'AbortError'),
    ])
    await expect(aborted.apiFetch(url)).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('limits the wait', async () => {
    const hang = ((request: Request) => new Promise((_, reject) => {
      request.signal.addEventListener('abort', () => reject(new DOMException('late', (request.signal.reason as Error).name)))
    })) as unknown as typeof globalThis.fetch
    const apiFetch = createApiFetch({
      fetch: hang,
      tokens: () => ({
        get: async () => null,
        replace: async () => null,
      }),
      timeoutMs: 5,
    })
    await expect(apiFetch(url)).rejects.toMatchObject({ code: 'network.timeout' })
  })
})
