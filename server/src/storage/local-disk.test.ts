import { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { createStorage } from './create-storage.ts'
import { listStaging, openLocal } from './local-support.ts'

const MiB = 1024 * 1024

/** Small file systems need root and mount(8); where they cannot be had the tests below say so in their names. */
const mounts = mkdtempSync(join(tmpdir(), 'storage-mounts-'))
const mountProblem = tryMount(join(mounts, 'try'), 'size=1m')
const skipNote = mountProblem
  ? ` (skipped: cannot mount a tmpfs: ${mountProblem})`
  : ''
afterAll(async () => {
  unmount(join(mounts, 'try'))
  await rm(mounts, { recursive: true })
})

function tryMount(path: string, options: string): string | undefined {
  try {
    execFileSync('mkdir', ['-p', path])
    execFileSync('mount', [
      '-t',
      'tmpfs',
      '-o',
      options,
      'tmpfs',
      path,
    ], { stdio: 'pipe' })
  }
  catch (error) {
    return String(error).split('\n').slice(0, 2).join(' ')
  }
}

function unmount(path: string): void {
  if (!mountProblem)
    execFileSync('umount', [path])
}

function mountForTest(options: string): string {
  const path = join(mounts, randomUUID())
  const problem = tryMount(path, options)
  if (problem)
    throw new Error(problem)
  onTestFinished(() => unmount(path))
  return path
}

describe.skipIf(mountProblem)(`local folder: real limits of a disk${skipNote}`, () => {
  it('a full disk is told as such, at once, and nothing is left', async () => {
    const root = mountForTest('size=2m')
    const { storage } = await openLocal(root)
    let asked = 0
    const endless = new Readable({
      read() {
        asked += 65_536
        this.push(Buffer.alloc(65_536))
      },
    })
    await expect(storage.putObject('w/1', endless)).rejects.toMatchObject({ kind: 'full' })
    expect(asked).toBeLessThan(8 * MiB)
    expect(endless.destroyed).toBe(true)
    expect(await listStaging(root)).toEqual([])
    await storage.putObject('w/2', Readable.from([
      Buffer.alloc(MiB),
    ]))
    expect(await storage.statObject('w/2')).toEqual({ size: MiB })
  })

  it('a full disk is told although the body has more to come and does not', async () => {
    const root = mountForTest('size=2m')
    const { storage } = await openLocal(root)
    const stalled = new Readable({
      read() {},
    })
    stalled.push(Buffer.alloc(4 * MiB))
    await expect(storage.putObject('w/1', stalled)).rejects.toMatchObject({ kind: 'full' })
  })

  it('a part that does not fit fails, the others stay', async () => {
    const root = mountForTest('size=3m')
    const { storage } = await openLocal(root)
    const upload = {
      key: 'w/1',
      ...await storage.createMultipart('w/1', { size: 8 * MiB, partSize: 2 * MiB }),
    }
    const send = (n: number) => storage.putPart(upload, { n, offset: (n - 1) * 2 * MiB, size: 2 * MiB }, Readable.from([
      Buffer.alloc(2 * MiB, n),
    ]))
    await send(1)
    await expect(send(2)).rejects.toMatchObject({ kind: 'full' })
    await storage.abortMultipart(upload)
    expect(await listStaging(root)).toEqual([])
  })

  it('says at start that the disk is read-only, full, or two', async () => {
    await expect(createStorage({
      kind: 'local',
      root: mountForTest('ro'),
    })).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(/^the storage folder .* is on a read-only file system$/),
    })

    const full = mountForTest('size=1m')
    await expect(writeFile(join(full, 'filler'), Buffer.alloc(2 * MiB))).rejects.toThrow('ENOSPC')
    await expect(createStorage({ kind: 'local', root: full })).rejects.toMatchObject({
      kind: 'full',
      message: expect.stringMatching(/^no space is left for the storage folder/),
    })

    const two = mountForTest('size=1m')
    expect(tryMount(join(two, 'staging'), 'size=1m')).toBeUndefined()
    onTestFinished(() => unmount(join(two, 'staging')))
    await expect(createStorage({ kind: 'local', root: two })).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('must be on one file system'),
    })
  })
})
