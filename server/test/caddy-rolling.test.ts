import type { IncomingMessage, RequestOptions } from 'node:http'
import type { NameServer } from './name-server.ts'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, request as send } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { findFreePort } from '../../scripts/lib/free-port.ts'
import { newSecret } from '../src/crypto/secrets.ts'
import { caddyBinary, startSite } from './caddy.ts'
import { startNameServer } from './name-server.ts'

const why = caddyBinary
  ? ''
  : ' (skipped: no Caddy; install it or set CADDY_BINARY)'

const GONE = '127.0.0.2'
const HERE = '127.0.0.3'
const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** What Caddy sees of a server: it tells what arrived and who took it. While it leaves it answers nobody who can go elsewhere. */
async function startServer(host: string, port: number) {
  const state = { leaving: false, took: 0 }
  const server = createServer((request, response) => {
    const asks = request.method === 'HEAD' && request.url === '/healthz'
    if (state.leaving && (asks || request.method !== 'POST')) {
      request.socket.destroy()
      return
    }
    if (!asks) state.took++
    const hash = createHash('sha256')
    request.on('data', (chunk: Buffer) => hash.update(chunk))
    request.on('end', () => response.setHeader('by', host).setHeader('digest', hash.digest('hex')).end())
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    state,
    close: () => new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}

describe.skipIf(why)(`servers that come and go behind the site of the compose file${why}`, () => {
  let names: NameServer
  let site: Awaited<ReturnType<typeof startSite>>
  let serverPort: number
  let webDir: string
  const agent = new Agent({ keepAlive: true })
  beforeAll(async () => {
    webDir = mkdtempSync(join(tmpdir(), 'clientshare-web-'))
    names = await startNameServer([GONE, HERE])
    serverPort = await findFreePort()
    site = await startSite({ serverPort, webDir, namesPort: names.port })
  })
  afterAll(async () => {
    agent.destroy()
    await site?.stop()
    names?.close()
    rmSync(webDir, { recursive: true, force: true })
  })

  const ask = (options: RequestOptions) => send({
    port: site.port,
    host: '127.0.0.1',
    agent: false,
    path: '/api/v1/x',
    ...options,
  })
  async function answerTo(options: RequestOptions, bytes?: Buffer): Promise<{ status: number, by: unknown, digest: unknown, body: string }> {
    const request = ask(options)
    if (request.getHeader('expect') === undefined) request.end(bytes)
    else request.once('continue', () => request.end(bytes)).flushHeaders()
    const [answer] = await once(request, 'response') as [IncomingMessage]
    const body = await text(answer)
    request.end()
    return {
      status: answer.statusCode!,
      by: answer.headers.by,
      digest: answer.headers.digest,
      body,
    }
  }
  const whole = (bytes: Buffer = Buffer.alloc(0)) => ({
    status: 200,
    by: HERE,
    digest: digest(bytes),
  })

  const small = randomBytes(1000)
  const large = randomBytes(5_000_000)
  const kinds: [string, RequestOptions, Buffer?][] = [
    [
      'a small body',
      {
        method: 'POST',
        headers: { 'content-length': small.length },
      },
      small,
    ],
    [
      'a large body',
      {
        method: 'PUT',
        headers: { 'content-length': large.length },
      },
      large,
    ],
    [
      'a body of unknown length',
      {
        method: 'POST',
        headers: { 'transfer-encoding': 'chunked' },
      },
      large,
    ],
    [
      'a body on a kept connection',
      {
        method: 'POST',
        agent,
        headers: { 'content-length': small.length },
      },
      small,
    ],
    [
      'a body that waits to be asked for',
      {
        method: 'PUT',
        headers: { 'content-length': small.length, 'expect': '100-continue' },
      },
      small,
    ],
    [
      'no body',
      { method: 'DELETE' },
    ],
    [
      'a read',
      { method: 'GET' },
    ],
    [
      'a read of headers',
      { method: 'HEAD' },
    ],
  ]

  it.each(kinds)('beside one that is gone, but whose address is still told, and one that is busy: %s', async (_what, options, bytes) => {
    const here = await startServer(HERE, serverPort)
    onTestFinished(here.close)
    // Whoever looks for the server with the fewest requests finds the one that is gone.
    const busy = ask({
      method: 'POST',
      headers: { 'content-length': 1 },
    })
    busy.flushHeaders()
    const answered = once(busy, 'response')
    await expect.poll(() => here.state.took).toBe(1)
    for (let n = 0; n < 4; n++) expect(await answerTo(options, bytes)).toMatchObject(whole(bytes))
    busy.end('x')
    await answered
  })

  it.each(kinds)('before any is there: %s', async (_what, options, bytes) => {
    const answered = answerTo(options, bytes)
    const here = await startServer(HERE, serverPort)
    onTestFinished(here.close)
    expect(await answered).toMatchObject(whole(bytes))
  })

  it.each(kinds)('one that leaves is given nothing new: %s', async (_what, options, bytes) => {
    const [leaving, here] = await Promise.all([
      startServer(GONE, serverPort),
      startServer(HERE, serverPort),
    ])
    onTestFinished(leaving.close)
    onTestFinished(here.close)
    leaving.state.leaving = true
    for (let n = 0; n < 4; n++) expect(await answerTo(options, bytes)).toMatchObject(whole(bytes))
    expect(leaving.state.took).toBe(0)
  })

  it('the log says why there was no answer, and nothing that opens anything', async () => {
    const secret = newSecret()
    const { status, body } = await answerTo({
      method: 'POST',
      path: `/api/v1/public/links/${secret}/download?t=${secret}`,
      headers: { 'content-length': small.length, 'authorization': `Bearer ${secret}` },
    }, small)
    expect([status, JSON.parse(body).code]).toEqual([503, 'service.unavailable'])
    await expect.poll(() => site.output()).toMatch(/"msg":"dial tcp 127\.0\.0\.\d:\d+: connect: connection refused"/)
    expect(site.output()).not.toContain(secret)
  })
})
