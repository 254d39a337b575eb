// npm run bench:beside -- /path/to/another/worktree: this commit's server beside another's, in turns, each on a database of its own. The
// processor's time for a request says more than requests a second where the machine has other things to do.
import type { RunningServer } from '../acceptance/support/running-server.ts'
import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { setUp } from '../acceptance/support/api-client.ts'
import { startServer } from '../acceptance/support/running-server.ts'
import { inParallel, median } from './measure.ts'

const ROUNDS = 5
const REQUESTS = 1000
const AT_ONCE = 8
/** Of `/proc/…/stat`, as on every Linux. */
const TICK_MS = 10

const path = process.argv[2]
if (path === undefined) {
  process.stderr.write('Say where the other worktree is: npm run bench:beside -- /path/to/it\n')
  process.exit(1)
}
const other = await import(pathToFileURL(join(resolve(path), 'server/acceptance/support/running-server.ts')).href) as { startServer: typeof startServer }

/** What the server process has used of the processors so far, user and system. */
function processorMs(server: RunningServer): number {
  const fields = readFileSync(`/proc/${server.pid()}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

async function startSide(name: string, start: typeof startServer) {
  const server = await start({ STORAGE: 'local' })
  const { api, workspaceId, rootId } = await setUp(server)
  const folder = await api.must('POST', `/workspaces/${workspaceId}/folders`, {
    body: { parentId: rootId, name: 'Folder' },
  })
  for (let n = 0; n < 60; n++) {
    await api.must('POST', `/workspaces/${workspaceId}/folders`, {
      body: { parentId: folder.id, name: `Folder ${n}` },
    })
  }
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const fetchOnce = (url: string) => new Promise<void>((done, fail) => {
    get(url, {
      agent,
      headers: { authorization: `Bearer ${api.token}` },
    }, (response) => {
      response.resume().on('end', () => response.statusCode === 200
        ? done()
        : fail(new Error(`${url} answered ${response.statusCode}`)))
    }).on('error', fail)
  })
  return {
    name,
    server,
    fetchOnce,
    paths: {
      'GET /items/{id}': `${api.base}/items/${folder.id}`,
      'GET /workspaces/{id}/items, 50 of a folder': `${api.base}/workspaces/${workspaceId}/items?parentId=${folder.id}`,
    },
  }
}

const sides = [
  await startSide('this', startServer),
  await startSide('the other', other.startServer),
]
try {
  for (const what of ['GET /items/{id}', 'GET /workspaces/{id}/items, 50 of a folder'] as const) {
    const speeds = sides.map((): number[] => [])
    const costs = sides.map((): number[] => [])
    for (let round = -1; round < ROUNDS; round++) {
      for (const [index, { server, fetchOnce, paths }] of sides.entries()) {
        const cpu = processorMs(server)
        const start = performance.now()
        await inParallel(AT_ONCE, REQUESTS, () => fetchOnce(paths[what]))
        if (round < 0) continue // warming up
        speeds[index]!.push(REQUESTS / ((performance.now() - start) / 1000))
        costs[index]!.push((processorMs(server) - cpu) / REQUESTS)
      }
    }
    const [own, others] = [
      speeds.map(median),
      costs.map(median),
    ] as [number[], number[]]
    process.stdout.write(`${what}: ${own.map(speed => Math.round(speed)).join(' : ')} requests/s = ${(own[0]! / own[1]!).toFixed(2)}; ${others.map(cost => cost.toFixed(2)).join(' : ')} ms of processor time each = ${(others[1]! / others[0]!).toFixed(2)}\n`)
  }
}
finally {
  for (const { server } of sides) await server.dispose()
}
