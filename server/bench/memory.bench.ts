import type { Subject } from './subject.ts'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { MIB } from './measure.ts'
import { send } from './transfer.ts'

const FILE_BYTES = 1024 * MIB
const DOWNLOADS = 200
const UPLOADS = 50
const SECONDS = 30

/** How the server's memory grows while many transfers of 1 GiB flow through Node, from what it has after one. @returns one line of a table */
export async function benchMemory({ api, server, workspaceId, rootId, uploadWhole }: Subject, store: string): Promise<string> {
  const chunk = randomBytes(512 * 1024)
  const id = await uploadWhole(FILE_BYTES, chunk)
  const idle = server.residentBytes()
  let peak = idle
  let moved = 0

  // Clients of one megabyte a second: many at once, none of them fast, as on a real network.
  const readers = Array.from({ length: DOWNLOADS }, () => spawn('curl', [
    '--silent',
    '--limit-rate',
    '1M',
    '--output',
    '/dev/null',
    '--header',
    `Authorization: Bearer ${api.token}`,
    `${api.base}/files/${id}/content`,
  ], { stdio: 'ignore' }))
  const ending = new AbortController()
  const writers = Array.from({ length: UPLOADS }, async (_, index) => {
    const upload = await patiently(() => api.must('POST', `/workspaces/${workspaceId}/uploads`, {
      body: { parentId: rootId, name: `memory ${index}`, size: FILE_BYTES },
    }))
    for (let n = 1; n <= upload.partCount && !ending.signal.aborted; n++) {
      await patiently(() => send(`${api.base}/uploads/${upload.id}/parts/${n}`, {
        method: 'PUT',
        headers: { 'authorization': `Bearer ${upload.uploadToken}`, 'content-type': 'application/octet-stream' },
      }, upload.partSize, chunk))
      moved += upload.partSize
    }
    await patiently(() => api.must('DELETE', `/uploads/${upload.id}`, { token: upload.uploadToken }))
  })
  for (const until = Date.now() + SECONDS * 1000; Date.now() < until;) {
    await sleep(1000)
    peak = Math.max(peak, server.residentBytes())
  }
  ending.abort()
  const alive = readers.filter(child => child.exitCode === null).length
  await Promise.all(writers)
  for (const child of readers) child.kill()
  await Promise.all(readers.map(child => child.exitCode === null && child.signalCode === null && once(child, 'exit')))
  if (alive < DOWNLOADS) throw new Error(`${DOWNLOADS - alive} downloads ended early`)

  const line = `| ${store} | ${Math.round(idle / MIB)} | ${Math.round(peak / MIB)} | **+ ${Math.round((peak - idle) / MIB)}** | ${Math.round(moved / MIB)} |`
  process.stdout.write(`${line}\n`)
  return line
}

/** All at once is more than the machine can do in time: the server then says “later” (503), and means it. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    }
    catch (error) {
      if (!/: 503 /.test(String(error))) throw error
      await sleep(1000)
    }
  }
}
