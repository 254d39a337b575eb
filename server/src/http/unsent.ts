import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** FIN_WAIT1, LAST_ACK, CLOSING: closed here, but the other side has not acknowledged all of it (Linux, `include/net/tcp_states.h`). */
const UNSENT = new Set(['04', '09', '0B'])
const POLL_MS = 100

/** Whether a table as of `/proc/net/tcp` has connections of this port whose bytes still wait in the kernel. */
export function hasUnsent(table: string, port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').slice(1).some((line) => {
    const [, address, , state] = line.trim().split(/\s+/)
    return address?.endsWith(local) && UNSENT.has(state ?? '')
  })
}

/**
 * Resolves when the kernel has sent what was written to connections of this port, or after `maxMs`. A container's network ends with its
 * process, and with it the last megabytes of a download. Where there is no such table (not Linux), at once.
 */
export async function untilSent(port: number, maxMs: number): Promise<void> {
  for (const deadline = performance.now() + maxMs; performance.now() < deadline; await sleep(POLL_MS)) {
    const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(path => readFile(path, 'utf8').catch(() => '')))
    if (!tables.some(table => hasUnsent(table, port))) return
  }
}
