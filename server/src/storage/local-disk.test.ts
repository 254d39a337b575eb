import { Buffer } from 'node:buffer'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { mountForTest, mountNote, mountProblem, tryMount, unmount } from '../../test/mounts.ts'
import { createStorage } from './create-storage.ts'
import { listStaging, openLocal } from './local-support.ts'

const MiB = 1024 * 1024

describe.skipIf(mountProblem)(`local folder: real limits of a disk${mountNote}`, () => {
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
