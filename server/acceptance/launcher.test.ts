import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kill, processesOf, useLaunches } from './support/launches.ts'
import { descendantsOf } from './support/running-server.ts'
import { until } from './support/wait.ts'

/** `npm start` in as few starts as show it; launcher.soak.ts has one for each promise. */

const { home, dataDir, port, launched, failed, ended, isReady, isAnswering, clusterId, postmasterFile, postmaster, serverOf } = useLaunches()

describe('one data folder, start after start', () => {
  let identity: string

  it('starts, answers, prints where the set-up is, refuses a second, takes two Ctrl-C for one, and leaves no process (the first start makes the database)', async () => {
    const launch = await launched()
    expect(await isReady()).toBe(true)
    expect(launch.output()).toMatch(new RegExp(`http://localhost:${port()}/setup#token=\\S+`))
    expect(statSync(join(dataDir(), 'instance.key')).mode & 0o777).toBe(0o600)
    expect(statSync(join(dataDir(), 'postgres/credentials.json')).mode & 0o777).toBe(0o600)
    identity = clusterId()
    expect(descendantsOf(launch.child.pid!).length).toBeGreaterThan(2)

    const second = await failed({})
    expect(second.code).toBe(1)
    expect(second.lines).toEqual([
      expect.stringMatching(/already runs on .*\(process \d+\)/),
    ])
    expect(await isReady()).toBe(true)

    launch.child.kill('SIGINT')
    expect(await ended(launch, 'SIGINT')).toBe(0)
    expect(launch.output()).not.toMatch(/\n\s+at /)
    expect(processesOf(dataDir())).toEqual([])
    expect(await isAnswering()).toBe(false)
    expect(existsSync(join(dataDir(), 'launcher.lock'))).toBe(false)
    expect(existsSync(postmasterFile())).toBe(false)
  })

  it('keeps its data; recovers after everything was killed, and when PostgreSQL alone is; ends with a failure when the server dies (starts twice)', async () => {
    const first = await launched()
    expect(first.output()).not.toContain('Making the database')
    const guards = processesOf(dataDir()).map(line => Number.parseInt(line))
    for (const pid of [
      first.child.pid!,
      ...guards,
      ...descendantsOf(first.child.pid!),
    ]) kill(pid)
    await first.exited
    expect(existsSync(join(dataDir(), 'launcher.lock'))).toBe(true)
    expect(existsSync(postmasterFile())).toBe(true)

    const next = await launched()
    expect(await isReady()).toBe(true)
    expect(clusterId()).toBe(identity)

    const killed = postmaster()
    kill(killed)
    await until('PostgreSQL is there again', () => {
      const now = existsSync(postmasterFile()) && readFileSync(postmasterFile(), 'utf8')
      return now !== false && now.includes('ready') && !now.startsWith(String(killed))
    })
    await until('the server is ready', isReady)

    kill(serverOf(next))
    expect(await next.exited).toBe(1)
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
})
