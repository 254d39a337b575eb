import type { Server } from 'node:http'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { pipeline } from 'node:stream'

/** A proxy that sends each request to the next of several servers: what one of them alone knows, a page soon misses. */
export async function startRoundRobin(port: number, servers: readonly number[]): Promise<{ stop: () => Promise<void> }> {
  let turn = 0
  const proxy: Server = createServer((incoming, answer) => {
    const onward = request({
      host: '127.0.0.1',
      port: servers[turn++ % servers.length],
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers,
    }, (response) => {
      answer.writeHead(response.statusCode!, response.rawHeaders)
      answer.flushHeaders()
      pipeline(response, answer, () => {})
    })
    onward.on('error', () => answer.destroy())
    answer.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  proxy.listen(port, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    async stop() {
      proxy.closeAllConnections()
      await new Promise<void>(resolve => proxy.close(() => resolve()))
    },
  }
}
