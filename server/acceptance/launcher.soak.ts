import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'
import { processesOf, useLaunches } from './support/launches.ts'
import { until } from './support/wait.ts'

/** What takes starts of its own; the rest is in launcher.test.ts. */

const { home, dataDir, launched, failed, isReady, clusterId, moveToFreePort, postmasterFile } = useLaunches()

describe('one data folder, start after start', () => {
  it('leaves nothing running when it is killed, and starts again at once', async () => {
    const first = await launched()
    const identity = clusterId()
    first.child.kill('SIGKILL')
    await first.exited
    const { child, exited } = await launched({
      PORT: String(await moveToFreePort()),
    })
    expect(await isReady()).toBe(true)
    expect(clusterId()).toBe(identity)
    child.kill('SIGINT')
    expect(await exited).toBe(0)
    await until('no process is left', () => processesOf(dataDir()).length === 0)
  })

  it('does not touch a stranger that got the number of a killed PostgreSQL', async () => {
    const stranger = spawn('sleep', ['60'])
    try {
      const first = await launched()
      const pidFile = postmasterFile()
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
})

describe('what it says when it cannot start', () => {
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
