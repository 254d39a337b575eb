import { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { diskFlush } from './disk.ts'
import { listStaging, openLocal, tempFolder } from './local-support.ts'

const MiB = 1024 * 1024

const fail = () => Promise.reject(Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO', syscall: 'fsync' }))

describe('local folder: faults', () => {
  async function uploadTwoParts(storage: Awaited<ReturnType<typeof openLocal>>['storage'], key: string) {
    const layout = { size: 2 * MiB, partSize: MiB }
    const upload = {
      key,
      ...await storage.createMultipart(key, layout),
    }
    const send = async (n: number, bytes: Buffer = Buffer.alloc(MiB, n)) =>
      ({
        n,
        size: MiB,
        ...await storage.putPart(upload, { n, offset: (n - 1) * MiB, size: MiB }, Readable.from([bytes])),
      })
    return {
      upload,
      send,
      parts: [await send(1), await send(2)],
      size: layout.size,
    }
  }

  it.each(['file', 'folder'] as const)('a put whose %s does not flush fails and leaves nothing', async (which) => {
    const root = await tempFolder()
    let broken = false
    const { storage } = await openLocal(root, {
      [which]: (at: never) => broken
        ? fail()
        : diskFlush[which](at),
    })
    broken = true
    await expect(storage.putObject('w/1', Readable.from(['x']))).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('EIO'),
    })
    expect(await storage.statObject('w/1')).toBeUndefined()
    expect(await listStaging(root)).toEqual([])
  })

  it('a part that does not flush must be sent again', async () => {
    const root = await tempFolder()
    let broken = false
    const { storage } = await openLocal(root, {
      data: handle => broken
        ? fail()
        : handle.datasync(),
    })
    const { upload, send, parts, size } = await uploadTwoParts(storage, 'w/1')
    broken = true
    await expect(send(2)).rejects.toMatchObject({ kind: 'unavailable' })
    broken = false
    await expect(storage.completeMultipart(upload, { size, parts })).rejects.toMatchObject({
      kind: 'part_mismatch',
      parts: [2],
    })
    parts[1] = await send(2)
    await storage.completeMultipart(upload, { size, parts })
  })

  it.each(['file', 'folder'] as const)('an upload whose %s does not flush at the end is dropped, not tried again', async (which) => {
    const root = await tempFolder()
    let broken = false
    const { storage } = await openLocal(root, {
      [which]: (at: never) => broken
        ? fail()
        : diskFlush[which](at),
    })
    const { upload, parts, size } = await uploadTwoParts(storage, 'w/1')
    broken = true
    await expect(storage.completeMultipart(upload, { size, parts })).rejects.toMatchObject({ kind: 'unavailable' })
    broken = false
    expect(await storage.statObject('w/1')).toBeUndefined()
    expect(await listStaging(root)).toEqual([])
    await expect(storage.completeMultipart(upload, { size, parts })).rejects.toMatchObject({ kind: 'not_found' })
  })

  it('a crash between the check and the rename is taken up by the next complete', async () => {
    const root = await tempFolder()
    const { storage, paths } = await openLocal(root)
    const { upload, send, parts, size } = await uploadTwoParts(storage, 'w/1')
    await truncate(paths.staged(upload.key, upload.ref)!, size)
    await expect(send(1)).rejects.toMatchObject({ kind: 'not_found' })
    await storage.completeMultipart(upload, { size, parts })
    expect((await readFile(paths.object('w/1'))).equals(Buffer.concat([
      Buffer.alloc(MiB, 1),
      Buffer.alloc(MiB, 2),
    ]))).toBe(true)
  })

  it('a crash between the rename and the flush of the folder: the next complete flushes it', async () => {
    const root = await tempFolder()
    const flushed: string[] = []
    const { storage, paths } = await openLocal(root, {
      folder: async (path) => { flushed.push(path) },
    })
    const { upload, parts, size } = await uploadTwoParts(storage, 'w/1')
    await storage.completeMultipart(upload, { size, parts })
    flushed.length = 0
    await storage.completeMultipart(upload, { size, parts })
    expect(flushed).toEqual([
      paths.shardOf('w/1'),
    ])
    await truncate(paths.object('w/1'), size - 1)
    await expect(storage.completeMultipart(upload, { size, parts })).rejects.toMatchObject({ kind: 'not_found' })
  })

  it('a send that breaks after an earlier one was acknowledged is noticed, by number', async () => {
    const root = await tempFolder()
    const { storage } = await openLocal(root)
    const { upload, send, parts, size } = await uploadTwoParts(storage, 'w/1')
    await expect(send(2, Buffer.alloc(MiB / 2, 9))).rejects.toMatchObject({ kind: 'short' })
    await expect(storage.completeMultipart(upload, { size, parts })).rejects.toMatchObject({
      kind: 'part_mismatch',
      parts: [2],
    })
  })

  it('a newer send does not begin before the older one has let go of the disk', async () => {
    const root = await tempFolder()
    const { promise: hang, resolve: release } = Promise.withResolvers<void>()
    const { promise: flushing, resolve: reached } = Promise.withResolvers<void>()
    let flushes = 0
    const { storage, paths } = await openLocal(root, {
      data: async () => {
        if (flushes++ === 0) {
          reached()
          await hang
        }
      },
    })
    const upload = {
      key: 'w/1',
      ...await storage.createMultipart('w/1', { size: 1, partSize: 1 }),
    }
    const part = { n: 1, offset: 0, size: 1 }
    const older = storage.putPart(upload, part, Readable.from(['a']))
    await flushing
    let asked = false
    const newer = storage.putPart(upload, part, Readable.from((function* () {
      asked = true
      yield 'b'
    })()))
    await delay(50)
    expect(asked).toBe(false)
    release()
    const stale = await older
    const { etag } = await newer
    await expect(storage.completeMultipart(upload, {
      size: 1,
      parts: [
        { n: 1, size: 1, ...stale },
      ],
    })).rejects.toMatchObject({
      kind: 'part_mismatch',
      parts: [1],
    })
    await storage.completeMultipart(upload, {
      size: 1,
      parts: [
        { n: 1, size: 1, etag },
      ],
    })
    expect(await readFile(paths.object('w/1'), 'utf8')).toBe('b')
  })

  it('a part that is too long writes nothing beyond its range', async () => {
    const root = await tempFolder()
    const { storage, paths } = await openLocal(root)
    const { upload, send } = await uploadTwoParts(storage, 'w/1')
    await expect(send(1, Buffer.alloc(MiB + 1, 9))).rejects.toMatchObject({ kind: 'long' })
    const staged = await readFile(paths.staged(upload.key, upload.ref)!)
    expect(staged.subarray(MiB, 2 * MiB).equals(Buffer.alloc(MiB, 2))).toBe(true)
  })

  it('an object cut while it is read errors its stream', async () => {
    const root = await tempFolder()
    const { storage, paths } = await openLocal(root)
    await storage.putObject('w/1', Readable.from([
      randomBytes(4 * MiB),
    ]))
    const { body } = await storage.getObject('w/1')
    await truncate(paths.object('w/1'), 2 * MiB)
    await expect(buffer(body)).rejects.toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining('early'),
    })
  })

  it('follows no link and opens no folder or pipe', async () => {
    const root = await tempFolder()
    const { storage, paths } = await openLocal(root)
    const secret = join(root, 'secret')
    await writeFile(secret, 'secret')
    await symlink(secret, paths.object('w/link'))
    await mkdir(paths.object('w/folder'))
    execFileSync('mkfifo', [
      paths.object('w/pipe'),
    ])
    for (const key of ['w/link', 'w/folder', 'w/pipe']) {
      await expect(storage.getObject(key), key).rejects.toMatchObject({ kind: 'corrupt' })
      await expect(storage.statObject(key), key).rejects.toMatchObject({ kind: 'corrupt' })
    }
    const { ref } = await storage.createMultipart('w/1', { size: 6, partSize: 6 })
    await rm(paths.staged('w/1', ref)!)
    await symlink(secret, paths.staged('w/1', ref)!)
    await expect(storage.putPart({ key: 'w/1', ref }, { n: 1, offset: 0, size: 6 }, Readable.from(['public']))).rejects.toMatchObject({ kind: 'unavailable' })
    await storage.putObject('w/link', Readable.from(['public']))
    expect(await readFile(secret, 'utf8')).toBe('secret')
  })

  it('a probe of a disk that hangs ends by its deadline', async () => {
    const root = await tempFolder()
    const { promise: hang, resolve } = Promise.withResolvers<void>()
    const { storage } = await openLocal(root, {
      data: () => hang,
    })
    await expect(storage.probe({ timeoutMs: 30 })).rejects.toMatchObject({ kind: 'unavailable' })
    const second = storage.probe()
    expect(await listStaging(root)).toHaveLength(1)
    resolve()
    await second
    expect(await listStaging(root)).toEqual([])
  })
})
