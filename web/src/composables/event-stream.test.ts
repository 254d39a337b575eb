import type { LiveEvent } from './event-stream.ts'
import { describe, expect, it, vi } from 'vitest'
import { backOff } from '../utils/back-off.ts'
import { createEventStream } from './event-stream.ts'

/** A connection that says `text` and ends, or hangs when told to. */
function stream(text: string, { hang = false } = {}) {
  const bytes = new TextEncoder().encode(text)
  return new Response(new ReadableStream({
    start(controller) {
      // Cut in the middle of a line and of a character: chunks know no events.
      const cut = Math.floor(bytes.length / 2)
      controller.enqueue(bytes.slice(0, cut))
      controller.enqueue(bytes.slice(cut))
      if (!hang) controller.close()
    },
  }), {
    headers: { 'content-type': 'text/event-stream' },
  })
}

function run(answers: (Response | Error)[], options: { replacement?: string | null } = {}) {
  const seen: LiveEvent[] = []
  const requests: Headers[] = []
  const waits: number[] = []
  let finish = () => {}
  const finished = new Promise<void>((resolve) => { finish = resolve })
  const onReconnect = vi.fn()
  const events = createEventStream({
    url: 'http://files.test/events',
    fetch: (async (_: string, init: RequestInit) => {
      requests.push(new Headers(init.headers))
      const next = answers.shift()
      if (!next) {
        events.stop()
        finish()
        throw new Error('stopped')
      }
      if (next instanceof Error) throw next
      return next
    }) as typeof globalThis.fetch,
    token: async () => 't1',
    replaceToken: async () => options.replacement === undefined
      ? 't2'
      : options.replacement,
    onEvent: event => seen.push(event),
    onReconnect,
    random: () => 0,
    wait: async (ms) => { waits.push(ms) },
  })
  events.start()
  return {
    events,
    seen,
    requests,
    waits,
    finished,
    onReconnect,
  }
}

describe('event stream', () => {
  it('hands on events with their name, id and data', async () => {
    const { seen, finished } = run([
      stream(': hello\n\nid: 7\nevent: item.changed\ndata: {"name":"Söhne 🚀"}\n\ndata: plain\n\n'),
    ])
    await finished
    expect(seen).toEqual([
      {
        id: '7',
        type: 'item.changed',
        data: { name: 'Söhne 🚀' },
      },
      { id: undefined, type: 'message', data: 'plain' },
    ])
  })

  it('comes back with Last-Event-ID and says that there was a gap', async () => {
    const { requests, finished, onReconnect } = run([
      stream('id: 7\ndata: 1\n\n'),
      stream('data: 2\n\n'),
    ])
    await finished
    expect(requests.map(headers => headers.get('last-event-id'))).toEqual([null, '7', '7'])
    expect(requests[0]!.get('authorization')).toBe('Bearer t1')
    expect(onReconnect).toHaveBeenCalledTimes(1)
  })

  it('waits longer after each failure and starts over after a success', async () => {
    const { waits, finished } = run([
      new TypeError('Failed to fetch'),
      new Response(null, { status: 503 }),
      stream(''),
      stream('data: 1\n\n'),
      new TypeError('Failed to fetch'),
    ])
    await finished
    expect(waits).toEqual([1000, 2000, 4000, 500, 1000])
  })

  it('starts from the wait that the server asks for', async () => {
    const { waits, finished } = run([
      stream('retry: 4000\n\ndata: 1\n\n'),
    ])
    await finished
    expect(waits).toEqual([2000])
  })

  it('renews the token on a 401 and connects at once', async () => {
    const { requests, seen, waits, finished } = run([
      new Response(null, { status: 401 }),
      stream('data: 1\n\n'),
    ])
    await finished
    expect(requests.slice(0, 2).map(headers => headers.get('authorization'))).toEqual(['Bearer t1', 'Bearer t2'])
    expect(seen).toHaveLength(1)
    expect(waits).toHaveLength(1)
  })

  it.each([
    [
      'a refusal',
      new Response(null, { status: 404 }),
      undefined,
    ],
    [
      'a session that is over',
      new Response(null, { status: 401 }),
      null,
    ],
  ])('ends at %s', async (_, answer, replacement) => {
    const { requests, waits } = run([
      answer,
      stream('data: 1\n\n'),
    ], { replacement })
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(requests).toHaveLength(1)
    expect(waits).toEqual([])
  })

  it('hears nothing after stop', async () => {
    const { events, seen, requests } = run([
      stream('data: 1\n\n', { hang: true }),
      stream('data: 2\n\n'),
    ])
    await expect.poll(() => seen).toHaveLength(1)
    events.stop()
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(requests).toHaveLength(1)
  })
})

describe('backOff', () => {
  it('grows, never to more than 30 s, and never all at once', () => {
    expect([0, 1, 2, 10].map(attempt => backOff(attempt, 0))).toEqual([500, 1000, 2000, 15_000])
    expect([0, 1, 2, 10].map(attempt => backOff(attempt, 1))).toEqual([1000, 2000, 4000, 30_000])
  })
})
