import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { TransformCallback } from 'node:stream'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import http from 'node:http'
import { pipeline, Transform } from 'node:stream'

/**
 * What goes wrong on the way to an S3 server:
 * - `down`: connections are refused, open ones cut
 * - `silent`: requests are taken and never answered
 * - `busy`, `full`, `denied`, `broken`: 503 SlowDown, 507 XMinioStorageFull, 403 AccessDenied, 502 with a proxy's page, instead of
 *   what the store would say
 * - `slow`: bodies pass at so many bytes a second, both ways
 * - `reset`: the connection breaks (RST) once so many bytes of a body have passed, in either direction
 * - `truncate`: the answer's body ends (FIN) after so many bytes, whatever its Content-Length promised
 * - `flip`: one bit of the byte at `at` of the request's or the answer's body is another
 * - `lose-reply`: the store has done it all, and the connection breaks instead of the answer
 */
export type Fault
  = | { kind: 'down' | 'silent' | 'busy' | 'full' | 'denied' | 'broken' | 'lose-reply' }
    | { kind: 'slow', bytesPerSecond: number }
    | { kind: 'reset' | 'truncate', afterBytes: number }
    | { kind: 'flip', of: 'request' | 'answer', at: number }

export interface FaultProxy {
  /** http://127.0.0.1:port, where the store is found by way of the proxy. */
  url: string
  /** Puts a fault in place of the one before; nothing: all is well. `only` picks the requests that meet it (`down` meets all). */
  set: (fault?: Fault, only?: (request: { method: string, url: string }) => boolean) => Promise<void>
  /** Requests that met the fault since it was set. */
  met: () => number
  /** Open connections of those who call. */
  connections: () => number
  close: () => Promise<void>
}

/** Stands in front of an HTTP server, by its own host and port; signatures stay valid, for `Host` is passed on. */
export async function createFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port: targetPort } = new URL(target)
  const sockets = new Set<Socket>()
  let fault: Fault | undefined
  let meets: (request: { method: string, url: string }) => boolean = () => true
  let met = 0

  const server = http.createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 60_000 })
  server.on('request', (request, response) => handle(request, response))
  server.on('checkContinue', (request, response) => handle(request, response))
  server.on('clientError', (_error, socket) => socket.destroy())
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo

  function handle(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => {})
    response.on('error', () => {})
    const now = fault && meets({ method: request.method!, url: request.url! })
      ? fault
      : undefined
    if (now) met++
    switch (now?.kind) {
      case 'silent': return void request.resume()
      case 'busy': return refuse(request, response, 503, s3Error('SlowDown', 'Please reduce your request rate.'))
      case 'full': return refuse(request, response, 507, s3Error('XMinioStorageFull', 'Storage backend has reached its minimum free drive threshold.'))
      case 'denied': return refuse(request, response, 403, s3Error('AccessDenied', 'Access Denied.'))
      case 'broken': return refuse(request, response, 502, '<html><body>Bad Gateway</body></html>')
      default: return forward(request, response, now)
    }
  }

  function refuse(request: IncomingMessage, response: ServerResponse, status: number, body: string): void {
    request.resume()
    response.writeHead(status, {
      'content-type': 'application/xml',
      'content-length': Buffer.byteLength(body),
    })
    response.end(request.method === 'HEAD'
      ? undefined
      : body)
  }

  function forward(request: IncomingMessage, response: ServerResponse, now: Fault | undefined): void {
    const passed = { bytes: 0 }
    const reset = () => request.socket.resetAndDestroy()
    const upstream = http.request({
      host: hostname,
      port: targetPort,
      agent: false, // a connection each, so that none is left when a test counts them
      method: request.method,
      path: request.url,
      headers: endToEnd(request.rawHeaders),
    })
    upstream.on('continue', () => response.writeContinue())
    upstream.on('error', () => request.socket.destroy())
    response.on('close', () => {
      if (!response.writableFinished) upstream.destroy()
    })
    upstream.on('response', (answer) => {
      if (now?.kind === 'lose-reply') {
        answer.resume()
        answer.once('close', reset)
        return
      }
      response.writeHead(answer.statusCode!, answer.statusMessage, endToEnd(answer.rawHeaders))
      response.flushHeaders()
      pipeline(answer, shape(now, 'answer', passed, {
        reset,
        cut: () => request.socket.end(),
      }), response, () => {})
    })
    pipeline(request, shape(now, 'request', passed, {
      reset,
      cut: () => {},
    }), upstream, () => {})
  }

  return {
    url: `http://127.0.0.1:${port}`,
    async set(next, only = () => true) {
      const wasDown = fault?.kind === 'down'
      fault = next
      meets = only
      met = 0
      if (next?.kind === 'down') {
        if (wasDown) return
        const closed = once(server, 'close')
        server.close()
        server.closeAllConnections()
        await closed
      }
      else if (wasDown) {
        await once(server.listen(port, '127.0.0.1'), 'listening')
      }
    },
    met: () => met,
    connections: () => sockets.size,
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Lets a body through as the fault wants it. */
function shape(fault: Fault | undefined, side: 'request' | 'answer', passed: { bytes: number }, ends: { reset: () => void, cut: () => void }): Transform {
  let at = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const from = at
      at += chunk.length
      passed.bytes += chunk.length
      switch (fault?.kind) {
        case 'slow':
          return void setTimeout(done, chunk.length / fault.bytesPerSecond * 1000, null, chunk)
        case 'reset':
          if (passed.bytes > fault.afterBytes) return ends.reset()
          break
        case 'truncate':
          if (side === 'answer' && at > fault.afterBytes) {
            this.push(chunk.subarray(0, fault.afterBytes - from))
            setImmediate(ends.cut) // and nothing more is asked for
            return
          }
          break
        case 'flip':
          if (side === fault.of && fault.at >= from && fault.at < at) {
            const other = Buffer.from(chunk)
            other[fault.at - from]! ^= 1
            return done(null, other)
          }
      }
      done(null, chunk)
    },
  })
}

/** Without what belongs to one connection only (RFC 9110 §7.6.1). */
function endToEnd(rawHeaders: string[]): string[] {
  return rawHeaders.filter((_, i) => !/^(?:connection|keep-alive|proxy-connection)$/i.test(rawHeaders[i - i % 2]!))
}

function s3Error(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>0</RequestId></Error>`
}
