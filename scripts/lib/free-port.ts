import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that systems give to connections and to who asks for any port (Linux from 32768, others from 49152), so that one which is left for a moment is not taken by these. */
const LOWEST = 20_000
const HIGHEST = 32_000

/** A port of this machine that nothing listens on just now. Whoever needs one may find it taken by then, and tries another. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST)
    const probe = createServer()
    try {
      await once(probe.listen(port, '127.0.0.1'), 'listening')
    }
    catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      continue
    }
    probe.close()
    await once(probe, 'close')
    return port
  }
}
