import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { collect } from './contract-support.ts'
import { createStorage } from './create-storage.ts'
import { createLocalPaths } from './local-paths.ts'
import { listStaging, openLocal, tempFolder } from './local-support.ts'
import { describeStorageContract } from './storage.contract.ts'
import { StorageError } from './storage.ts'

describeStorageContract('local folder', async () => {
  const root = await mkdtemp(join(tmpdir(), 'storage-'))
  return {
    open: () => createStorage({ kind: 'local', root }),
    truncateObject: (key, size) => truncate(createLocalPaths(root).object(key), size),
    readLocation: async (location, { start, end }) => {
      expect(location.kind).toBe('file')
      return (await readFile(join(root, (location as { path: string }).path))).subarray(start, end + 1)
    },
    dispose: () => rm(root, { recursive: true }),
  }
})

const MiB = 1024 * 1024

describe('local folder: layout', () => {
  it('keeps files and folders to their owner', async () => {
    const root = join(await tempFolder(), 'new', 'data')
    const { storage, paths } = await openLocal(root)
    await storage.putObject('w/1', Readable.from(['x']))
    const { ref } = await storage.createMultipart('w/2', { size: 10, partSize: 10 })
    for (const file of [
      paths.object('w/1'),
      paths.staged('w/2', ref)!,
    ])
      expect((await lstat(file)).mode & 0o777, file).toBe(0o600)
    for (const folder of [
      root,
      paths.objects,
      paths.staging,
      paths.shardOf('w/1'),
    ])
      expect((await lstat(folder)).mode & 0o777, folder).toBe(0o700)
  })

  it('refuses a part that the upload does not have', async () => {
    const { storage } = await openLocal(await tempFolder())
    const { ref } = await storage.createMultipart('w/1', { size: 21, partSize: 10 })
    for (const part of [
      { n: 4, offset: 30, size: 1 },
      { n: 3, offset: 20, size: 2 },
      { n: 2, offset: 0, size: 10 },
    ]) {
      await expect(storage.putPart({ key: 'w/1', ref }, part, Readable.from([
        randomBytes(part.size),
      ]))).rejects.toThrow(RangeError)
    }
  })

  it('stages a large upload sparsely and writes it once', async () => {
    const root = await tempFolder()
    const { storage, paths } = await openLocal(root)
    const layout = { size: 1024 * MiB, partSize: MiB }
    const { ref } = await storage.createMultipart('w/big', layout)
    const { ino } = await lstat(paths.staged('w/big', ref)!)
    await storage.putPart({ key: 'w/big', ref }, { n: 1024, offset: 1023 * MiB, size: MiB }, Readable.from([
      randomBytes(MiB),
    ]))
    const staged = await lstat(paths.staged('w/big', ref)!)
    expect(staged.ino).toBe(ino)
    expect(staged.blocks * 512).toBeLessThan(4 * MiB)
  })

  it('flushes in order: the file, the rename, then the folders', async () => {
    const root = await tempFolder()
    const seen: string[] = []
    const paths = createLocalPaths(root)
    const { storage } = await openLocal(root, {
      file: async () => {
        seen.push(`file, object ${existsSync(paths.object('w/1'))
          ? 'there'
          : 'not yet'}`)
      },
      folder: async (path) => {
        seen.push(`${path.slice(root.length + 1)}, object ${existsSync(paths.object('w/1'))
          ? 'there'
          : 'not yet'}`)
      },
    })
    seen.length = 0
    await storage.putObject('w/1', Readable.from(['x']))
    const shard = paths.shardOf('w/1').slice(root.length + 1)
    expect(seen).toEqual(['file, object not yet', `${shard}, object there`, 'staging, object there'])
  })

  it('leaves files that are not its own out of the lists', async () => {
    const root = await tempFolder()
    const { storage, paths } = await openLocal(root)
    await writeFile(join(paths.shards[0]!, '.DS_Store'), '')
    await mkdir(join(paths.shards[0]!, 'lost+found'))
    await writeFile(join(paths.staging, 'notes.txt'), '')
    expect(await collect(storage.listObjects())).toEqual([])
    expect(await collect(storage.listMultiparts())).toEqual([])
  })

  it('lists a put that a crash cut off, so that the sweep can drop it', async () => {
    const root = await tempFolder()
    const { storage, paths } = await openLocal(root)
    const ref = `put-${randomUUID()}`
    await writeFile(paths.staged('w/1/2', ref)!, 'half')
    expect(await collect(storage.listMultiparts())).toMatchObject([
      { key: 'w/1/2', ref },
    ])
    await storage.abortMultipart({ key: 'w/1/2', ref })
    expect(await listStaging(root)).toEqual([])
  })
})

describe('local folder: start', () => {
  it('opens a folder again with all that was in it', async () => {
    const root = await tempFolder()
    const first = await openLocal(root)
    await first.storage.putObject('w/1', Readable.from(['kept']))
    await first.storage.close()
    const second = await openLocal(root)
    const { body } = await second.storage.getObject('w/1', { expectedSize: 4 })
    expect((await buffer(body)).toString()).toBe('kept')
  })

  it('says in one line what is wrong with the folder', async () => {
    const folder = await tempFolder()
    const file = join(folder, 'file')
    await writeFile(file, '')
    const linked = join(folder, 'linked')
    await mkdir(linked)
    await symlink(tmpdir(), join(linked, 'objects'))
    for (const [root, message] of [
      [file, 'is a file, not a folder'],
      [
        join(file, 'below'),
        'lies below a file',
      ],
      [linked, 'must be a folder, not a link'],
    ] as const) {
      const error = await createStorage({ kind: 'local', root }).then(() => undefined, (error: unknown) => error)
      expect(error).toBeInstanceOf(StorageError)
      expect((error as StorageError).message).toContain(message)
      expect((error as StorageError).message).not.toContain('\n')
    }
  })
})
