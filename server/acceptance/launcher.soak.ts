import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'
import { kill, processesOf, useLaunches } from './support/launches.ts'
import { descendantsOf } from './support/running-server.ts'
import { until } from './support/wait.ts'

/** Each start for itself; the gate has the same with fewer (launcher.test.ts). */

const launches = useLaunches()
const { home, dataDir, port, launched, failed, isReady, isAnswering, clusterId } = launches

describe('one data folder, start after start', () => {
  let identity: string

  it('starts, answers, prints where the set-up is, and leaves no process after Ctrl-C', async () => {
    const { child, output, exited } = await launched()
    expect(await isReady()).toBe(true)
    expect(output()).toMatch(new RegExp(`http://localhost:${port()}/setup#token=\\S+`))
    expect(statSync(join(dataDir(), 'instance.key')).mode & 0o777).toBe(0o600)
    expect(statSync(join(dataDir(), 'postgres/credentials.json')).mode & 0o777).toBe(0o600)
    identity = clusterId()
    const below = descendantsOf(child.pid!)
    expect(below.length).toBeGreaterThan(2)

    child.kill('SIGINT')
    expect(await exited).toBe(0)
    expect(output()).not.toMatch(/\n\s+at /)
    expect(processesOf(dataDir())).toEqual([])
    expect(await isAnswering()).toBe(false)
    expect(existsSync(join(dataDir(), 'launcher.lock'))).toBe(false)
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
    const pidFile = join(dataDir(), 'postgres/data/postmaster.pid')
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
      PORT: String(await launches.moveToFreePort()),
    })
    expect(await isReady()).toBe(true)
    expect(clusterId()).toBe(identity)
    child.kill('SIGINT')
    expect(await exited).toBe(0)
    await until('no process is left', () => processesOf(dataDir()).length === 0)
  })

  it('recovers after everything was killed at once', async () => {
    const first = await launched()
    const guards = processesOf(dataDir()).map(line => Number.parseInt(line))
    for (const pid of [
      first.child.pid!,
      ...guards,
      ...descendantsOf(first.child.pid!),
    ]) kill(pid)
    await first.exited
    expect(existsSync(join(dataDir(), 'launcher.lock'))).toBe(true)
    expect(existsSync(join(dataDir(), 'postgres/data/postmaster.pid'))).toBe(true)

    await launched()
    expect(await isReady()).toBe(true)
    expect(clusterId()).toBe(identity)
  })

  it('does not touch a stranger that got the number of a killed PostgreSQL', async () => {
    const stranger = spawn('sleep', ['60'])
    try {
      const first = await launched()
      const pidFile = join(dataDir(), 'postgres/data/postmaster.pid')
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
    const postmaster = launches.postmaster()
    kill(postmaster)
    await until('PostgreSQL is there again', async () => {
      const now = existsSync(join(dataDir(), 'postgres/data/postmaster.pid')) && readFileSync(join(dataDir(), 'postgres/data/postmaster.pid'), 'utf8')
      return now !== false && now.includes('ready') && !now.startsWith(String(postmaster))
    })
    await until('the server is ready', isReady)
  })

  it('ends with a failure when the server dies, and takes PostgreSQL with it', async () => {
    const launch = await launched()
    const { exited } = launch
    kill(launches.serverOf(launch))
    expect(await exited).toBe(1)
    expect(processesOf(dataDir())).toEqual([])
  })

  it('will not make a new instance key beside an old database', async () => {
    const file = join(dataDir(), 'instance.key')
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
    const squatter = createServer().listen(port(), 'localhost')
    await once(squatter, 'listening')
    const { code, lines } = await failed({})
    squatter.close()
    expect(code).toBe(1)
    expect(lines).toEqual([`ClientShare: Port ${port()} is taken. Choose another one: PORT=${port() + 1}.`])
  })
})

describe('what it says when it cannot start', () => {
  it('one line for a data folder that is a file', async () => {
    const file = join(home(), 'file')
    writeFileSync(file, '')
    const { code, lines } = await failed({ DATA_DIR: file })
    expect(code).toBe(1)
    expect(lines).toEqual([
      expect.stringMatching(/^ClientShare: DATA_DIR .*file cannot be written: it is a file\.$/),
    ])
  })

  it('one line for a data folder below a file', async () => {
    const file = join(home(), 'file')
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
    const closed = join(home(), 'closed')
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
      DATA_DIR: join(home(), 'settings'),
      MAX_FILE_BYTES: 'plenty',
    })
    expect(code).toBe(78)
    expect(lines.filter(line => line.includes('MAX_FILE_BYTES'))).toHaveLength(1)
    expect(lines.join('\n')).not.toMatch(/\n\s+at /)
    expect(processesOf(join(home(), 'settings'))).toEqual([])
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
    const { child, exited } = await launched({ DATA_DIR: folder })
    expect(await isReady()).toBe(true)
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
