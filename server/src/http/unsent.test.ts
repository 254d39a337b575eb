import type { Socket } from 'node:net'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import process from 'node:process'
import { expect, it } from 'vitest'
import { hasUnsent, untilSent } from './unsent.ts'

const table = (port: string, state: string) => `  sl  local_address rem_address   st tx_queue rx_queue\n   0: 0100007F:${port} 0100007F:D2F0 ${state} 00000000:00000000 00:00000000 00000000  1000\n`

it.each([
  ['0BB8', '04', true],
  ['0BB8', '09', true],
  ['0BB8', '0B', true],
  ['0BB8', '01', false],
  ['0BB8', '05', false],
  ['0BB8', '0A', false],
  ['0050', '04', false],
])('port %s in state %s has bytes of port 3000 unsent: %s', (port, state, unsent) => {
  expect(hasUnsent(table(port, state), 3000)).toBe(unsent)
})

it.skipIf(process.platform !== 'linux')('waits while a closed connection has bytes that nobody took (needs /proc/net/tcp)', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const reader = connect({ port, host: '127.0.0.1' }).pause()
  const [socket] = await once(server, 'connection') as [Socket]
  // More than the reader's side takes, less than this side's: then the kernel has all of it.
  await new Promise(resolve => socket.write(Buffer.alloc(1_000_000), resolve))
  socket.destroy()
  const begun = Date.now()
  await untilSent(port, 300)
  const waited = Date.now() - begun
  reader.resume()
  await once(reader, 'close')
  await untilSent(port, 5000)
  server.close()
  expect([waited >= 300, Date.now() - begun < 4000]).toEqual([true, true])
})
