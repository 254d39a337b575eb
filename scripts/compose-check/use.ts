import type { Fixture } from '../../server/acceptance/support/api-client.ts'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiClient, form } from '../../server/acceptance/support/api-client.ts'
import { createLoad, createRandom } from '../../server/acceptance/support/fault-load.ts'
import { assert, compose, composeMeanwhile, containersOf, docker, dockerMeanwhile, inspect, logsOf, root, same, sha256, until, untilReady, url } from './stack.ts'

const operator = { email: 'operator@example.com', password: 'wombat-lantern-orbit-77' }
/** What these checks were given to open things with: none of it may stand in a log. */
export const tokensUsed = new Set<string>()

/** The suite of the contract, as anybody runs it, at the public address of a server that is not set up. */
export function acceptanceHolds(): string {
  const [server] = containersOf('server')
  const [, token] = /enter the token (\S+)/.exec(logsOf(server!)) ?? []
  assert(token, 'The server’s log tells no set-up token')
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    'core-contract.test.ts',
  ], {
    cwd: join(root, 'server/acceptance'),
    env: {
      ...process.env,
      ACCEPTANCE_URL: url,
      ACCEPTANCE_SETUP_TOKEN: token,
      NO_COLOR: '1',
    },
    encoding: 'utf8',
  })
  assert(status === 0, stdout.slice(-6000) + stderr.slice(-2000))
  return /Tests\s+(.+)/.exec(stdout)?.[1] ?? ''
}

export async function signIn(): Promise<Fixture> {
  const api = new ApiClient(url)
  const { accessToken } = await api.must('POST', '/auth/login', { body: operator })
  api.token = accessToken
  tokensUsed.add(accessToken)
  const { memberships: [{ workspaceId }] } = await api.must('GET', '/me')
  const { items: [space] } = await api.must('GET', `/workspaces/${workspaceId}/spaces`)
  return { api, workspaceId, rootId: space.rootFolderId }
}

export const read = async (api: ApiClient, fileId: string) => {
  const response = await fetch(`${api.base}/files/${fileId}/content`, {
    headers: { authorization: `Bearer ${api.token}` },
  })
  const bytes = new Uint8Array(await response.arrayBuffer())
  return response.status === 200
    ? sha256(bytes)
    : response.status
}

export const upload = ({ api, workspaceId, rootId }: Fixture, name: string, bytes: Uint8Array) => api.must('POST', `/workspaces/${workspaceId}/files?parentId=${rootId}&name=${encodeURIComponent(name)}`, {
  body: form(bytes),
})

export const share = async ({ api, workspaceId }: Fixture, itemId: string, more: object = {}): Promise<string> => {
  const link = await api.must('POST', `/workspaces/${workspaceId}/links`, {
    body: {
      itemIds: [itemId],
      ...more,
    },
  })
  const token = link.url.split('/').at(-1)
  tokensUsed.add(token)
  return token
}

const log = (id: string) => logsOf(id).split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line) as { reqId?: string, req?: { method: string, url: string } })

export async function uploadCrossesServers(fixture: Fixture): Promise<string> {
  const { api, workspaceId, rootId } = fixture
  const bytes = randomBytes(3 * 16 * 1024 * 1024 + 5)
  const { id, partSize, partCount, uploadToken } = await api.must('POST', `/workspaces/${workspaceId}/uploads`, {
    body: { parentId: rootId, name: 'across servers', size: bytes.length },
  })
  tokensUsed.add(uploadToken)
  for (let part = 1; part <= partCount; part++) {
    await api.must('PUT', `/uploads/${id}/parts/${part}`, {
      token: uploadToken,
      body: bytes.subarray((part - 1) * partSize, part * partSize),
    })
  }
  for (let n = 0; n < 6; n++) await api.must('GET', `/uploads/${id}`, { token: uploadToken })
  const file = await api.must('POST', `/uploads/${id}/complete`, {
    token: uploadToken,
    body: {
      sha256: sha256(bytes),
    },
  })
  same(await read(api, file.id), sha256(bytes), 'The file')
  const took = containersOf('server').map(server => log(server).filter(({ req }) => req?.url.includes(id)).length)
  assert(took.filter(Boolean).length > 1, `One server took all of it: ${took.join(', ')}`)
  return `requests by server: ${took.join(', ')}`
}

export function sessionWorksEverywhere({ api }: Fixture): void {
  for (const server of containersOf('server')) {
    const answer = docker([
      'exec',
      '-i',
      server,
      'node',
      '--input-type=module',
      '-',
    ], { input: `
      const { status } = await fetch('http://127.0.0.1:3000/api/v1/me', { headers: { authorization: ${JSON.stringify(`Bearer ${api.token}`)} } })
      console.log(status)` })
    same(answer.trim(), '200', 'The session')
  }
}

export async function limitHolds(fixture: Fixture): Promise<void> {
  const file = await upload(fixture, 'once.txt', Buffer.from('once'))
  const token = await share(fixture, file.id, { maxDownloads: 1 })
  const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await new ApiClient(url).call('POST', `/public/links/${token}/download`, { body: {} })).status))
  same([statuses.filter(status => status === 200).length, statuses.filter(status => status >= 500).length], [1, 0], 'Of 50 at once')
}

export async function throttleIsShared(): Promise<string> {
  // An address in a header that nobody trusted wrote buys no more guesses.
  const statuses = await Promise.all(Array.from({ length: 40 }, async (_, n) => (await new ApiClient(url).call('POST', '/auth/login', {
    body: { email: 'guessed@example.com', password: 'not the password' },
    headers: { 'x-forwarded-for': `203.0.113.${n}` },
  })).status))
  const passed = statuses.filter(status => status === 401).length
  same([passed, statuses.filter(status => status === 429).length], [5, 35], 'Guesses that were judged, and refused')
  return `${passed} of 40 guesses were judged`
}

export async function eventsFlow(fixture: Fixture): Promise<string> {
  const { api } = fixture
  const stop = new AbortController()
  const response = await fetch(`${api.base}/me/events`, {
    headers: { authorization: `Bearer ${api.token}` },
    signal: stop.signal,
  })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let seen = ''
  const watched = (async () => {
    while (!seen.includes('items')) seen += (await reader.read()).value ?? ''
    return Date.now()
  })()
  await sleep(300)
  const begun = Date.now()
  await upload(fixture, 'event.txt', Buffer.from('event'))
  const at = await Promise.race([
    watched,
    sleep(60_000),
  ])
  stop.abort()
  watched.catch(() => {})
  assert(at, 'No event came within a minute')
  return `${at - begun} ms after the upload began`
}

export function jobsRunOnce(): string {
  const [postgres] = containersOf('postgres')
  const query = (sql: string) => docker([
    'exec',
    postgres!,
    'psql',
    '-U',
    'clientshare',
    '-tAc',
    sql,
  ]).trim()
  const twice = query(`select name, date_trunc('minute', created_on), count(*) from pgboss.job where name in (select name from pgboss.schedule) group by 1, 2 having count(*) > 1`)
  same(twice, '', 'Scheduled more than once for the same minute')
  same(query('select count(*) - count(distinct name) from pgboss.schedule'), '0', 'Schedules of the same name')
  same(query('select count(*) from pgboss.job where retry_count > 0'), '0', 'Jobs that were tried again')
  return `${query('select count(*) from pgboss.job')} jobs`
}

/** Without a word, and Docker starts it again; those who are being served go on meanwhile. */
const killServer = (id: string) => dockerMeanwhile([
  'exec',
  id,
  'bash',
  '-c',
  'kill -9 $(cat /proc/1/task/1/children)',
]).catch(() => {}) // it ends with what it is run in

function isBack(id: string, restartsBefore: number): boolean {
  const [{ RestartCount, State }] = inspect([id])
  return RestartCount > restartsBefore && State.Health.Status === 'healthy'
}

/** Why Caddy itself answered that there is no server, each time, as its log says. */
function reasonsOfCaddy(): string[] {
  const [web] = containersOf('web')
  return logsOf(web!).split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line) as { logger?: string, msg: string, status?: number }).filter(({ logger, status }) => logger?.startsWith('http.log.error') && status !== undefined && status >= 500).map(({ msg }) => msg)
}

/** What a connection ends with whose server has died: the request had reached it. */
const DIED_WITH_IT = /EOF|connection reset|broken pipe/
const LEAST_REQUESTS = 1000
const SENDERS = 8

/** Of uploads while one of three servers is restarted and another one killed, none fails that no server had received. */
export async function rollingLosesNothing({ api, workspaceId, rootId }: Fixture): Promise<string> {
  const before = reasonsOfCaddy().length
  const bodies = [1000, 1000, 1000, 100_000, 2_000_000].map(size => randomBytes(size))
  const run = randomBytes(4).toString('hex')
  const failures: string[] = []
  let sent = 0
  const disturbed = new AbortController()
  async function sendOn(): Promise<void> {
    while (!disturbed.signal.aborted || sent < LEAST_REQUESTS) {
      const n = sent++
      const answer = await api.call('POST', `/workspaces/${workspaceId}/files?parentId=${rootId}&name=rolling-${run}-${n}`, {
        body: form(bodies[n % bodies.length]!),
      }).catch((error: Error) => error)
      if (answer instanceof Error) failures.push(String(answer.cause ?? answer))
      else if (answer.status !== 201) failures.push(`${answer.status} ${JSON.stringify(answer.body)}`)
    }
  }
  async function disturb(): Promise<void> {
    const [restarted, killed] = containersOf('server')
    await until('requests flow', () => sent > LEAST_REQUESTS / 10)
    await dockerMeanwhile(['restart', '--time', '120', restarted!])
    await until('the restarted server is back', () => inspect([restarted!])[0].State.Health.Status === 'healthy')
    const { RestartCount } = inspect([killed!])[0]
    await killServer(killed!)
    await until('the killed server is back', () => isBack(killed!, RestartCount))
  }
  await Promise.all([
    disturb().finally(() => disturbed.abort()),
    ...Array.from({ length: SENDERS }, sendOn),
  ])
  const reasons = reasonsOfCaddy().slice(before)
  const received = reasons.filter(reason => DIED_WITH_IT.test(reason))
  assert(failures.length === received.length, `${failures.length} of ${sent} uploads failed, ${received.length} of them with the killed server: ${failures.slice(0, 5).join('; ')}. Caddy says: ${[
    ...new Set(reasons),
  ].join('; ')}`)
  return `${sent} uploads, 0 failed that no server had received, ${failures.length} with the killed server`
}

/** Clients go on while one of several servers dies without a word, so many times. */
export async function killLosesNothing(fixture: Fixture, seed: number, kills: number): Promise<string> {
  const load = createLoad(fixture, createRandom(seed))
  const stop = new AbortController()
  const running = load.run(stop.signal)
  for (let kill = 0; kill < kills; kill++) {
    await load.happened({
      uploaded: 10,
      parts: 10,
      completed: 2,
      downloaded: 10,
    })
    const victim = containersOf('server')[kill]!
    const { RestartCount: before } = inspect([victim])[0]
    await killServer(victim)
    await until('the killed server is back', () => isBack(victim, before))
  }
  await load.happened({ uploaded: 5, parts: 5, downloaded: 5 })
  stop.abort()
  await running
  same(await load.check(), [], 'What the clients were promised')
  return Object.entries(load.counts).map(([what, count]) => `${count} ${what}`).join(', ')
}

export function invariantsHold(): void {
  const found = compose([
    'run',
    '-T',
    '--rm',
    '--no-deps',
    '--volume',
    `${root}/server/acceptance:/app/server/acceptance:ro`,
    '--volume',
    `${root}/server/test:/app/server/test:ro`,
    '--entrypoint',
    'sh',
    'server',
    '-c',
    'cat /proc/self/environ | node server/acceptance/support/check-invariants.ts',
  ])
  same(JSON.parse(found.slice(found.indexOf('['))), [], 'Violations')
}

export interface Kept { fileId: string, digest: string, link: string }

export async function makeKept(fixture: Fixture): Promise<Kept> {
  const bytes = randomBytes(200_000_000)
  const { id, partSize, partCount, uploadToken } = await fixture.api.must('POST', `/workspaces/${fixture.workspaceId}/uploads`, {
    body: { parentId: fixture.rootId, name: 'kept', size: bytes.length },
  })
  for (let part = 1; part <= partCount; part++) {
    await fixture.api.must('PUT', `/uploads/${id}/parts/${part}`, {
      token: uploadToken,
      body: bytes.subarray((part - 1) * partSize, part * partSize),
    })
  }
  const { id: fileId } = await fixture.api.must('POST', `/uploads/${id}/complete`, { token: uploadToken })
  return {
    fileId,
    digest: sha256(bytes),
    link: await share(fixture, fileId),
  }
}

export async function linkOpens({ link, digest }: Kept): Promise<void> {
  const visitor = new ApiClient(url)
  const claim = await visitor.must('POST', `/public/links/${link}/download`, { body: {} })
  tokensUsed.add(claim.url.split('/').at(-1))
  same(sha256(new Uint8Array(await (await fetch(new URL(claim.url, url))).arrayBuffer())), digest, 'What the link gives')
}

/** Reads slowly while `stopping` happens. @returns seconds that were left of it when that began, and its digest */
async function slowDownload({ api }: Fixture, { fileId }: Kept, stopping: () => Promise<void>): Promise<{ digest: string, seconds: number }> {
  const response = await fetch(`${api.base}/files/${fileId}/content`, {
    headers: { authorization: `Bearer ${api.token}` },
  })
  const chunks: Uint8Array[] = []
  const begun = Date.now()
  let stopped: Promise<void> | undefined
  let since = 0
  for await (const chunk of response.body!) {
    chunks.push(chunk)
    stopped ??= stopping()
    since += chunk.length
    // 40 MB a second, but for the end: what a container's kernel still has to send when its last process ends is lost.
    const ahead = since / 40_000 - (Date.now() - begun)
    if (ahead > 0 && since < 120_000_000) await sleep(ahead)
  }
  const seconds = (Date.now() - begun) / 1000
  await stopped
  return {
    digest: sha256(Buffer.concat(chunks)),
    seconds,
  }
}

export async function stopWaitsForDownloads(fixture: Fixture, kept: Kept): Promise<string> {
  const begun = Date.now()
  const { digest, seconds } = await slowDownload(fixture, kept, () => composeMeanwhile(['stop']))
  same(digest, kept.digest, 'The file')
  const stopped = (Date.now() - begun) / 1000
  assert(stopped < 40, `Stopping took ${stopped} s`)
  compose(['up', '-d', '--scale', 'server=3'])
  await untilReady(3)
  return `${seconds.toFixed(1)} s of download, all stopped after ${stopped.toFixed(1)} s`
}

export async function answersWithoutServers(fixture: Fixture): Promise<string> {
  compose(['stop', 'server'])
  const begun = Date.now()
  const answer = await fixture.api.call('GET', '/me')
  same([
    answer.status,
    answer.headers.get('content-type'),
    answer.headers.get('retry-after'),
    answer.headers.get('cache-control'),
    answer.body.code,
  ], [
    503,
    'application/problem+json',
    '5',
    'no-store',
    'service.unavailable',
  ], 'Without a server')
  same((await fetch(`${url}/`, {
    headers: { accept: 'text/html' },
  })).status, 200, 'The web app')
  const seconds = ((Date.now() - begun) / 1000).toFixed(1)
  compose(['up', '-d', '--scale', 'server=3'])
  await untilReady(3)
  return `503 after ${seconds} s`
}
