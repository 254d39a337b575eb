import type { AddressInfo } from 'node:net'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withIdleTimeout } from './idle-timeout.ts'

describe('idle time-out', () => {
  it('passes a body on that keeps coming, however long it takes', async () => {
    const source = Readable.from((async function* () {
      for (let i = 0; i < 8; i++) {
        await delay(200)
        yield Buffer.from(String(i))
      }
    })(), { objectMode: false })
    expect((await buffer(withIdleTimeout(source, { idleMs: 1000 }))).toString()).toBe('01234567')
  })

  it('fails when nothing comes, at the start and midway', async () => {
    for (const first of [
      undefined,
      Buffer.from('x'),
    ]) {
      const source = new Readable({
        read() {},
      })
      if (first)
        source.push(first)
      await expect(buffer(withIdleTimeout(source, { idleMs: 40 }))).rejects.toMatchObject({ name: 'IdleTimeoutError', idleMs: 40 })
      expect(source.destroyed).toBe(false)
    }
  })

  it('does not count a slow reader against the source', async () => {
    const guard = withIdleTimeout(Readable.from(Array.from({ length: 12 }, () => Buffer.alloc(60_000)), { objectMode: false }), { idleMs: 40 })
    let read = 0
    for await (const chunk of guard) {
      read += chunk.length
      await delay(80)
    }
    expect(read).toBe(720_000)
  })

  it('hands on the error of the source, and its early end', async () => {
    for (const error of [
      new Error('broken'),
      undefined,
    ]) {
      const source = new Readable({
        read() {},
      })
      source.push('x')
      const reading = buffer(withIdleTimeout(source, { idleMs: 5000 }))
      source.destroy(error)
      await expect(reading).rejects.toThrow(error ?? 'Premature close')
    }
  })

  it('keeps to itself what breaks when nobody reads', async () => {
    const source = new Readable({
      read() {},
    })
    const guard = withIdleTimeout(source, { idleMs: 5000 })
    source.destroy()
    await new Promise(resolve => guard.on('close', resolve)) // once() would listen for the error too
    expect(guard.errored).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
  })

  it('leaves the request alive, so that a stalled client gets its answer', async () => {
    const server = createServer((req, res) => {
      buffer(withIdleTimeout(req, { idleMs: 50 })).catch((error: Error) => {
        res.writeHead(408, { connection: 'close' }).end(error.name)
      })
    }).listen(0, '127.0.0.1')
    onTestFinished(async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    })
    await once(server, 'listening')
    const client = request({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      method: 'PUT',
      headers: { 'content-length': 100_000 },
    })
    client.on('error', () => {})
    client.write(Buffer.alloc(1000))
    const [response] = await once(client, 'response')
    expect(response.statusCode).toBe(408)
    expect(await text(response)).toBe('IdleTimeoutError')
  })
})
