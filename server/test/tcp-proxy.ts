import type { Socket } from 'node:net'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

export interface TcpProxy {
  /** The same address, by way of the proxy. */
  url: string
  /** `cut`: connections break and new ones are refused; `silent`: they stay, and nothing passes. */
  set: (state: 'open' | 'cut' | 'silent') => void
  close: () => Promise<void>
}

/** Stands between the server and its PostgreSQL, which other tests use too and nobody may stop. */
export async function createTcpProxy(target: string): Promise<TcpProxy> {
  const url = new URL(target)
  // PostgreSQL on a Unix socket: `?host=` is its folder.
  const folder = url.searchParams.get('host')
  const pairs = new Set<[Socket, Socket]>()
  let state: 'open' | 'cut' | 'silent' = 'open'
  const server = createServer((client) => {
    if (state === 'cut') {
      client.destroy()
      return
    }
    const upstream = folder === null
      ? connect(Number(url.port), url.hostname)
      : connect(`${folder}/.s.PGSQL.${url.port}`)
    const pair: [Socket, Socket] = [client, upstream]
    pairs.add(pair)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => {})
      from.on('data', (bytes) => { if (state === 'open') to.write(bytes) })
      from.on('close', () => {
        pairs.delete(pair)
        to.destroy()
      })
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const own = new URL(target)
  own.hostname = '127.0.0.1'
  own.port = String((server.address() as { port: number }).port)
  own.searchParams.delete('host')
  const cut = () => pairs.forEach(pair => pair.forEach(socket => socket.destroy()))
  return {
    url: own.href,
    set(next) {
      state = next
      if (next === 'cut') cut()
    },
    async close() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
