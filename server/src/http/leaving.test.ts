import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fetchRaw } from '../../test/sockets.ts'
import { leavingPlugin } from './leaving.ts'
import { problemPlugin } from './problem.ts'

/** A server that leaves when `close` is called and stays until `letGo` is. */
async function startServer() {
  const waiting = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const app = Fastify({ return503OnClosing: false, forceCloseConnections: 'idle' })
  await app.register(leavingPlugin, {
    wait: () => {
      waiting.resolve()
      return gate.promise
    },
  })
  await app.register(problemPlugin, { bodyIdleMs: 60_000 })
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/files', async () => 'read')
  app.post('/files', async () => 'taken')
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return {
    app,
    waiting: waiting.promise,
    letGo: gate.resolve,
    /** The status, or why there was none. */
    ask: (method: string, path: string) => fetchRaw(port, path, { method }).then(({ status }) => status, (error: NodeJS.ErrnoException) => error.code),
  }
}

let server: Awaited<ReturnType<typeof startServer>>
beforeEach(async () => { server = await startServer() })
afterEach(async () => {
  server.letGo()
  await server.app.close()
})

it('a server that leaves takes what was announced, and answers nobody who can go elsewhere', async () => {
  const { app, ask } = server
  expect(await ask('HEAD', '/healthz')).toBe(200)
  const closed = app.close()
  await server.waiting
  expect(await Promise.all([
    ask('POST', '/files'),
    ask('HEAD', '/healthz'),
    ask('GET', '/files'),
    ask('GET', '/healthz'),
  ])).toEqual([
    200,
    'ECONNRESET',
    'ECONNRESET',
    'ECONNRESET',
  ])
  expect(app.server.listening).toBe(true)
  server.letGo()
  await closed
  expect(await ask('POST', '/files')).toBe('ECONNREFUSED')
})

it('where nobody asks first, it goes at once', async () => {
  expect(await server.ask('GET', '/healthz')).toBe(200)
  await server.app.close()
  expect(await server.ask('POST', '/files')).toBe('ECONNREFUSED')
})
