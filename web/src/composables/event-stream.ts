import { createParser } from 'eventsource-parser'
import { backOff, sleep } from '../utils/back-off.ts'

export interface LiveEvent {
  id?: string
  /** The event's name, `message` when it has none. */
  type: string
  data: unknown
}

export interface EventStreamDeps {
  url: string
  fetch: typeof globalThis.fetch
  token: () => Promise<string | null>
  replaceToken: (refused: string) => Promise<string | null>
  onEvent: (event: LiveEvent) => void
  /** Connected again after a break: whatever happened in between may have been missed. */
  onReconnect?: () => void
  /** The server lets this reader in no longer, and the stream has ended. */
  onRefused?: () => void
  random?: () => number
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
  /** Reconnects when nothing, not even a comment, came for so long. */
  idleMs?: number
}

function parseData(data: string): unknown {
  try {
    return JSON.parse(data)
  }
  catch {
    return data
  }
}

/**
 * Server-sent events (WHATWG HTML §9.2) over fetch, because EventSource sends no bearer. Runs until `stop`, through lost networks
 * and restarts, asking for what it missed by Last-Event-ID. Ends by itself when the server refuses (4xx other than 401, 408, 429).
 */
export function createEventStream(deps: EventStreamDeps) {
  const { url, fetch, token, replaceToken, onEvent, onReconnect, onRefused, random = Math.random, wait = sleep, idleMs = 90_000 } = deps
  let running: AbortController | null = null
  let lastEventId: string | undefined
  let opened = false

  /** One connection. Answers whether it got anywhere, or `refused`. */
  async function connect(signal: AbortSignal, retry: (ms: number) => void): Promise<'ran' | 'failed' | 'refused'> {
    const connection = new AbortController()
    const stop = () => connection.abort()
    signal.addEventListener('abort', stop, { once: true })
    let idle: ReturnType<typeof setTimeout> | undefined
    const touch = () => {
      clearTimeout(idle)
      idle = setTimeout(stop, idleMs)
    }
    const open = async (bearer: string | null) => fetch(url, {
      headers: {
        accept: 'text/event-stream',
        ...(bearer
          ? { authorization: `Bearer ${bearer}` }
          : {}),
        ...(lastEventId === undefined
          ? {}
          : { 'last-event-id': lastEventId }),
      },
      cache: 'no-store',
      signal: connection.signal,
    })
    try {
      touch()
      const bearer = await token()
      let response = await open(bearer)
      if (response.status === 401 && bearer) {
        await response.body?.cancel()
        const next = await replaceToken(bearer)
        if (next === null) return 'refused'
        response = await open(next)
      }
      if (!response.ok || !response.body) {
        await response.body?.cancel()
        return response.status >= 400 && response.status < 500 && ![408, 429].includes(response.status)
          ? 'refused'
          : 'failed'
      }
      if (opened) onReconnect?.()
      opened = true
      let received = false
      const parser = createParser({
        onEvent: ({ id, event, data }) => {
          if (id !== undefined) lastEventId = id
          received = true
          onEvent({
            id,
            type: event ?? 'message',
            data: parseData(data),
          })
        },
        onRetry: retry,
      })
      const reader = response.body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>).getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return received ? 'ran' : 'failed'
        touch()
        parser.feed(value)
      }
    }
    catch {
      return 'failed'
    }
    finally {
      clearTimeout(idle)
      signal.removeEventListener('abort', stop)
      connection.abort()
    }
  }

  async function run(signal: AbortSignal) {
    let attempt = 0
    let first = 1_000
    while (!signal.aborted) {
      const outcome = await connect(signal, (ms) => { first = Math.min(30_000, Math.max(100, ms)) })
      if (signal.aborted) return
      if (outcome === 'refused') {
        onRefused?.()
        return
      }
      attempt = outcome === 'ran'
        ? 0
        : attempt + 1
      await wait(backOff(attempt, random(), first), signal)
    }
  }

  return {
    start() {
      if (running) return
      const controller = new AbortController()
      running = controller
      void run(controller.signal).finally(() => {
        if (running === controller) running = null
      })
    },
    stop() {
      running?.abort()
      running = null
    },
  }
}
