import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

const launcher = fileURLToPath(new URL('../../scripts/launch.ts', import.meta.url))
const START_MS = 60_000

interface Launch { child: ChildProcess, output: () => string, exited: Promise<number | null> }

const launches: Launch[] = []
let home: string
let dataDir: string
let port: number

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'clientshare-launcher-'))
  dataDir = join(home, 'data')
  port = await findFreePort()
})

afterEach(async () => {
  for (const { child, exited } of launches.splice(0)) {
    child.kill('SIGTERM')
    await exited
  }
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

function launch(env: Record<string, string> = {}): Launch {
  const { DATABASE_URL: _url, SECRET_KEY: _key, SECRET_KEY_FILE: _file, SETUP_TOKEN: _token, ...inherited } = process.env
  const child = spawn(process.execPath, [launcher], {
    env: {
      ...inherited,
      PORT: String(port),
      HOST: 'localhost',
      DATA_DIR: dataDir,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => text += chunk)
  const started: Launch = {
    child,
    output: () => text,
    exited: once(child, 'exit').then(([code]) => code as number | null),
  }
  launches.push(started)
  return started
}

async function launched(env: Record<string, string> = {}): Promise<Launch> {
  const started = launch(env)
  const deadline = Date.now() + START_MS
  while (!started.output().includes('ClientShare is ready')) {
    if (started.child.exitCode !== null || Date.now() > deadline) throw new Error(`The launcher did not get ready:\n${started.output()}`)
    await sleep(50)
  }
  return started
}

/** A launch that is to end by itself: its exit code and the lines it wrote. */
async function failed(env: Record<string, string>): Promise<{ code: number | null, lines: string[] }> {
  const started = launch(env)
  const code = await started.exited
  await sleep(50)
  return {
    code,
    lines: started.output().trim().split('\n'),
  }
}

/** Command lines of every living process that works in the data folder or below the launcher. */
function processesOf(folder: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' })
  return stdout.split('\n').filter(line => line.includes(folder) && !/^\s*\d+\s+Z/.test(line))
}

function descendantsOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
  const pairs = stdout.trim().split('\n').map(line => line.trim().split(/\s+/).map(Number) as [number, number])
  const children = pairs.filter(([, parent]) => parent === pid).map(([child]) => child)
  return children.flatMap(child => [
    child,
    ...descendantsOf(child),
  ])
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function until(what: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms
  while (!await what()) {
    if (Date.now() > deadline) throw new Error('It did not happen in time')
    await sleep(50)
  }
}

const isReady = () => fetch(`http://localhost:${port}/readyz`).then(response => response.status === 200, () => false)
const isAnswering = () => fetch(`http://localhost:${port}/healthz`).then(() => true, () => false)
/** Kept across a start, this shows that the cluster is the same. */
const clusterId = () => readFileSync(join(dataDir, 'postgres/credentials.json'), 'utf8') + readFileSync(join(dataDir, 'instance.key'), 'utf8')

describe('one data folder, start after start', () => {
  let identity: string

  it('starts, answers, prints where the set-up is, and leaves no process after Ctrl-C', async () => {
    const { child, output, exited } = await launched()
    expect(await isReady()).toBe(true)
    expect(output()).toMatch(new RegExp(`http://localhost:${port}/setup#token=\\S+`))
    expect(statSync(join(dataDir, 'instance.key')).mode & 0o777).toBe(0o600)
    expect(statSync(join(dataDir, 'postgres/credentials.json')).mode & 0o777).toBe(0o600)
    identity = clusterId()
    const below = descendantsOf(child.pid!)
    expect(below.length).toBeGreaterThan(2)

    child.kill('SIGINT')
    expect(await exited).toBe(0)
    expect(output()).not.toMatch(/\n\s+at /)
    expect(processesOf(dataDir)).toEqual([])
    expect(await isAnswering()).toBe(false)
    expect(existsSync(join(dataDir, 'launcher.lock'))).toBe(false)
  })

  it('keeps its data, and does not make the database again', async () => {
    const { child, output, exited } = await launched()
    expect(output()).not.toContain('Making the database')
    expect(await isReady()).toBe(true)
    expect(clusterId()).toBe(identity)

    child.kill('SIGTERM')
    expect(await exited).toBe(0)
  })

  it('takes two Ctrl-C of one keystroke for one', async () => {
    const { child, exited } = await launched()
    child.kill('SIGINT')
    child.kill('SIGINT')
    expect(await exited).toBe(0)
    const pidFile = join(dataDir, 'postgres/data/postmaster.pid')
    expect(existsSync(pidFile)).toBe(false)
  })

  it('refuses a second launcher with one line, and the first goes on', async () => {
    await launched()
    const { code, lines } = await failed({})
    expect(code).toBe(1)
    expect(lines).toEqual([
      expect.stringMatching(/already runs on .*\(process \d+\)/),
    ])
    expect(await isReady()).toBe(true)
  })

  it('leaves nothing running when it is killed, and starts again at once', async () => {
    const first = await launched()
    first.child.kill('SIGKILL')
    await first.exited
    const { child, exited } = await launched({
      PORT: String(port = await findFreePort()),
    })
    expect(await isReady()).toBe(true)
    expect(clusterId()).toBe(identity)
    child.kill('SIGINT')
    expect(await exited).toBe(0)
    await until(() => processesOf(dataDir).length === 0)
  })

  it('recovers after everything was killed at once', async () => {
    const first = await launched()
    const guards = processesOf(dataDir).map(line => Number.parseInt(line))
    for (const pid of [
      first.child.pid!,
      ...guards,
      ...descendantsOf(first.child.pid!),
    ]) kill(pid)
    await first.exited
    expect(existsSync(join(dataDir, 'launcher.lock'))).toBe(true)
    expect(existsSync(join(dataDir, 'postgres/data/postmaster.pid'))).toBe(true)

    await launched()
    expect(await isReady()).toBe(true)
    expect(clusterId()).toBe(identity)
  })

  it('does not touch a stranger that got the number of a killed PostgreSQL', async () => {
    const stranger = spawn('sleep', ['60'])
    try {
      const first = await launched()
      const pidFile = join(dataDir, 'postgres/data/postmaster.pid')
      const left = readFileSync(pidFile, 'utf8').split('\n')
      first.child.kill('SIGTERM')
      await first.exited
      writeFileSync(pidFile, [
        stranger.pid,
        ...left.slice(1),
      ].join('\n'), { mode: 0o600 })

      await launched()
      expect(await isReady()).toBe(true)
      expect(stranger.exitCode).toBeNull()
      expect(stranger.signalCode).toBeNull()
    }
    finally {
      stranger.kill()
    }
  })

  it('starts PostgreSQL again when that alone is killed', async () => {
    await launched()
    const postmaster = Number(readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])
    kill(postmaster)
    await until(async () => {
      const now = existsSync(join(dataDir, 'postgres/data/postmaster.pid')) && readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8')
      return now !== false && now.includes('ready') && !now.startsWith(String(postmaster))
    })
    await until(isReady)
  })

  it('ends with a failure when the server dies, and takes PostgreSQL with it', async () => {
    const { child, exited } = await launched()
    const server = descendantsOf(child.pid!).find(pid => spawnSync('ps', [
      '-o',
      'args=',
      '-p',
      String(pid),
    ], { encoding: 'utf8' }).stdout.includes('src/main.ts'))
    kill(server!)
    expect(await exited).toBe(1)
    expect(processesOf(dataDir)).toEqual([])
  })

  it('will not make a new instance key beside an old database', async () => {
    const file = join(dataDir, 'instance.key')
    const key = readFileSync(file)
    rmSync(file)
    const { code, lines } = await failed({})
    writeFileSync(file, key, { mode: 0o600 })
    expect(code).toBe(1)
    expect(lines).toEqual([
      expect.stringMatching(/instance\.key is missing/),
    ])
  })

  it('says in one line that the port is taken, before it starts anything', async () => {
    const squatter = createServer().listen(port, 'localhost')
    await once(squatter, 'listening')
    const { code, lines } = await failed({})
    squatter.close()
    expect(code).toBe(1)
    expect(lines).toEqual([`ClientShare: Port ${port} is taken. Choose another one: PORT=${port + 1}.`])
  })
})

describe('what it says when it cannot start', () => {
  it('one line for a data folder that is a file', async () => {
    const file = join(home, 'file')
    writeFileSync(file, '')
    const { code, lines } = await failed({ DATA_DIR: file })
    expect(code).toBe(1)
    expect(lines).toEqual([
      expect.stringMatching(/^ClientShare: DATA_DIR .*file cannot be written: it is a file\.$/),
    ])
  })

  it('one line for a data folder below a file', async () => {
    const file = join(home, 'file')
    writeFileSync(file, '')
    const { code, lines } = await failed({
      DATA_DIR: join(file, 'data'),
    })
    expect(code).toBe(1)
    expect(lines).toEqual([
      expect.stringMatching(/cannot be written: a part of the path is a file\.$/),
    ])
  })

  it.skipIf(process.getuid?.() === 0)('one line for a folder that is not ours (root may write everywhere)', async () => {
    const closed = join(home, 'closed')
    mkdirSync(closed, { mode: 0o500 })
    const { code, lines } = await failed({
      DATA_DIR: join(closed, 'data'),
    })
    expect(code).toBe(1)
    expect(lines).toEqual([
      expect.stringMatching(/cannot be written: permission denied\.$/),
    ])
  })

  it('one line, and exit code 78, for a broken setting', async () => {
    const { code, lines } = await failed({
      DATA_DIR: join(home, 'settings'),
      MAX_FILE_BYTES: 'plenty',
    })
    expect(code).toBe(78)
    expect(lines.filter(line => line.includes('MAX_FILE_BYTES'))).toHaveLength(1)
    expect(lines.join('\n')).not.toMatch(/\n\s+at /)
    expect(processesOf(join(home, 'settings'))).toEqual([])
  })

  const small = mountSmallDisk()
  afterAll(() => {
    if (small) spawnSync('umount', [small])
    if (small) rmSync(small, { recursive: true })
  })

  it.skipIf(small === undefined)('one line for a full disk, and a start as usual once there is room (needs to mount a tmpfs)', async () => {
    const folder = join(small!, 'data')
    const { code, lines } = await failed({ DATA_DIR: folder })
    expect(code).toBe(1)
    expect(lines.at(-1)).toMatch(/^ClientShare: The disk of .* is full\.$/)
    expect(readdirSync(join(folder, 'postgres'))).not.toContain('data')

    expect(spawnSync('mount', ['-o', 'remount,size=500m', small!]).status).toBe(0)
    await launched({ DATA_DIR: folder })
    expect(await isReady()).toBe(true)
    const { child, exited } = launches.at(-1)!
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
  })
})

/** Too small for a new cluster. Only root may mount, and not everywhere. */
function mountSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'clientshare-small-'))
  if (process.getuid?.() === 0 && spawnSync('mount', [
    '-t',
    'tmpfs',
    '-o',
    'size=10m',
    'tmpfs',
    folder,
  ], { stdio: 'ignore' }).status === 0) {
    return folder
  }
  rmSync(folder, { recursive: true })
  return undefined
}
