import type { FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { get } from 'node:http'
import { onTestFinished } from 'vitest'

export interface EventReader {
  response: IncomingMessage
  events: { event: string, data: any }[]
  text: () => string
  /** Resolves when the server ends the stream. */
  ended: Promise<void>
  /** Resolves with the first event that fits, also one that came before. */
  until: (fits: (event: { event: string, data: any }) => boolean) => Promise<{ event: string, data: any }>
  close: () => void
}

/** Opens a stream of server-sent events over a real socket. The app must listen. */
export async function readEvents(app: FastifyInstance, path: string, token: string): Promise<EventReader> {
  const { port } = app.server.address() as { port: number }
  const request = get({
    port,
    host: '127.0.0.1',
    path,
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    agent: false,
  })
  onTestFinished(() => { request.destroy() })
  const [response] = await once(request, 'response') as [IncomingMessage]
  const events: EventReader['events'] = []
  const waiting = new Set<() => void>()
  let text = ''
  let parsed = 0
  response.setEncoding('utf8').on('error', () => {}).on('data', (chunk: string) => {
    text += chunk
    for (let end = text.indexOf('\n\n', parsed); end >= 0; end = text.indexOf('\n\n', parsed)) {
      const lines = text.slice(parsed, end).split('\n')
      const field = (name: string) => lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2)
      const data = field('data')
      if (data !== undefined) {
        events.push({
          event: field('event') ?? 'message',
          data: JSON.parse(data),
        })
      }
      parsed = end + 2
    }
    waiting.forEach(look => look())
  })
  return {
    response,
    events,
    text: () => text,
    ended: new Promise(resolve => response.once('close', () => resolve())),
    until: fits => new Promise((resolve) => {
      const look = () => {
        const found = events.find(fits)
        if (!found) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    }),
    close: () => request.destroy(),
  }
}
