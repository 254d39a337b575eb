import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port of this machine that nothing listens on just now. Whoever needs one may find it taken by then, and tries another. */
export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
