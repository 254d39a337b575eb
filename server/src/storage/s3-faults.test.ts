import type { Fault, FaultProxy } from '../../test/fault-proxy.ts'
import type { Minio } from '../../test/minio.ts'
import type { StorageErrorKind } from './storage.ts'
import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createFaultProxy } from '../../test/fault-proxy.ts'
import { minioBinary, startMinio } from '../../test/minio.ts'
import { isSoak } from '../../test/soak.ts'
import { begin, chunked, collect, newKey, PART_BYTES, stalling, withoutLeak } from './contract-support.ts'
import { openS3Storage } from './s3-storage.ts'
import { bareClient, behind, s3ConfigOf } from './s3-support.ts'
import { StorageError } from './storage.ts'

/** Where all is well the store has the driver's usual time, however busy the machine is. */
const unhurried = {
  resumeMs: [0, 50],
  keepAliveMs: 200,
}
/** For what ends by a time-out. */
const deadlines = {
  ...unhurried,
  connectMs: 500,
  answerMs: 800,
  joinMs: 1000,
  idleMs: 600,
  continueMs: 200,
}
const MiB = 1024 * 1024
const small = randomBytes(100_000)
const large = randomBytes(9 * MiB)
const twoParts = randomBytes(PART_BYTES + 100_000)

let minio: Minio
let proxy: FaultProxy
type Driver = ReturnType<typeof openS3Storage>
/** By way of the proxy, by way of it without patience, and straight. */
let storage: Driver
let hurried: Driver
let direct: Driver

beforeAll(async () => {
  if (!minioBinary) return
  minio = await startMinio()
  proxy = await createFaultProxy(minio.endpoint)
  await bareClient(minio).makeBucket('clientshare')
  storage = openS3Storage(behind(proxy, minio), { deadlines: unhurried })
  hurried = openS3Storage(behind(proxy, minio), { deadlines })
  direct = openS3Storage(s3ConfigOf(minio), {
    deadlines: { keepAliveMs: 100 },
  })
})
afterEach(() => proxy?.set())
afterAll(async () => {
  await storage?.close()
  await hurried?.close()
  await direct?.close()
  await proxy?.close()
  await minio?.dispose()
})

interface Stored { key?: string, bytes?: Buffer }
const named = <Name extends string>(table: Record<Name, (by?: Driver) => Promise<() => Promise<Stored>>>) => table

/** What is needed before a call, and the call; it throws when anything else comes of it than all that was asked. */
const calls = named({
  'put, from memory': async (by = storage) => {
    const key = newKey()
    return async () => {
      await by.putObject(key, chunked(small))
      return { key, bytes: small }
    }
  },
  'put, of known length': async (by = storage) => {
    const key = newKey()
    return async () => {
      await by.putObject(key, chunked(large), { size: large.length })
      return { key, bytes: large }
    }
  },
  'put, in parts of its own': async (by = storage) => {
    const key = newKey()
    return async () => {
      await by.putObject(key, chunked(large))
      return { key, bytes: large }
    }
  },
  'begin': async (by = storage) => async () => {
    const { upload } = await begin({ storage: by } as never, twoParts)
    await direct.abortMultipart(upload)
    return {}
  },
  'part': async (by = storage) => {
    const { send, upload, size } = await begin({ storage: direct } as never, twoParts)
    const second = await send(2)
    return async () => {
      const first = await send(1, undefined, undefined, by)
      await direct.completeMultipart(upload, {
        size,
        parts: [first, second],
      })
      return { key: upload.key, bytes: twoParts }
    }
  },
  'complete': async (by = storage) => {
    const { send, upload, size } = await begin({ storage: direct } as never, twoParts)
    const parts = [await send(1), await send(2)]
    return async () => {
      await by.completeMultipart(upload, { size, parts })
      return { key: upload.key, bytes: twoParts }
    }
  },
  'abort': async (by = storage) => {
    const { upload } = await begin({ storage: direct } as never, twoParts)
    return async () => {
      await by.abortMultipart(upload)
      expect(await collect(direct.listMultiparts({ key: upload.key }))).toEqual([])
      return {}
    }
  },
  'get': async (by = storage) => {
    const key = newKey()
    await direct.putObject(key, chunked(large))
    return async () => {
      const { body, size } = await by.getObject(key, { expectedSize: large.length })
      expect(size).toBe(large.length)
      const got = await buffer(body)
      expect(got.length).toBe(size) // short bytes never come to a good end
      return { key, bytes: got }
    }
  },
  'stat': async (by = storage) => {
    const key = newKey()
    await direct.putObject(key, chunked(small))
    return async () => {
      expect(await by.statObject(key)).toEqual({ size: small.length })
      return {}
    }
  },
  'delete': async (by = storage) => {
    const key = newKey()
    await direct.putObject(key, chunked(small))
    return async () => {
      await by.deleteObject(key)
      expect(await direct.statObject(key)).toBeUndefined()
      return {}
    }
  },
  'list': async (by = storage) => async () => {
    await collect(by.listObjects())
    return {}
  },
  'locate': async (by = storage) => {
    const key = newKey()
    await direct.putObject(key, chunked(small))
    return async () => {
      await by.locateObject(key, { expectedSize: small.length, expiresSeconds: 60 })
      return {}
    }
  },
  'probe': async (by = storage) => async () => {
    await by.probe()
    return {}
  },
})
type Call = keyof typeof calls
const all = Object.keys(calls) as Call[]
/** One that writes, one that ends what was written and one that reads; the soak goes through all. */
const some: readonly Call[] = isSoak
  ? all
  : ['put, in parts of its own', 'complete', 'get']
const puts: Call[] = [
  'put, from memory',
  'put, of known length',
  'put, in parts of its own',
  'part',
  'probe',
]

async function readBack(key: string): Promise<Buffer> {
  return buffer((await direct.getObject(key)).body)
}

/** Runs one call under a fault: what came of it, without a leak; and then again when the fault is over. */
async function meet(call: Call, fault: Fault, by: Driver = storage): Promise<StorageError | 'done'> {
  const prepared = await calls[call](by)
  const again = await calls[call]()
  let outcome: StorageError | 'done' = 'done'
  await withoutLeak(async () => {
    await proxy.set(fault)
    try {
      const { key, bytes } = await prepared()
      await proxy.set()
      if (key) expect((await readBack(key)).equals(bytes!)).toBe(true)
    }
    catch (error) {
      expect(error, (error as Error).stack).toBeInstanceOf(StorageError)
      outcome = error as StorageError
    }
    await proxy.set()
    const { key, bytes } = await again()
    if (key) expect((await readBack(key)).equals(bytes!)).toBe(true)
  })
  await expect.poll(() => proxy.connections()).toBe(0)
  if (outcome !== 'done') {
    const { message, stack } = outcome as StorageError
    for (const text of [message, stack!]) {
      expect(text).not.toContain('X-Amz')
      expect(text).not.toContain(minio.secretKey)
    }
  }
  return outcome
}

describe.skipIf(!minioBinary)('s3: faults on the way to the store (skipped without MINIO_BINARY)', () => {
  const refusing: [Fault['kind'], StorageErrorKind][] = [
    ['down', 'unavailable'],
    ['silent', 'unavailable'],
    ['busy', 'unavailable'],
    ['broken', 'unavailable'],
    ['denied', 'unavailable'],
    ['full', 'full'],
  ]
  it.each(refusing.flatMap(([fault, kind]) => some.map(call => [fault, call, kind] as const)))('%s: %s fails as it should', async (fault, call, kind) => {
    expect(await meet(call, { kind: fault } as Fault, fault === 'silent'
      ? hurried
      : storage)).toMatchObject({ kind })
  })

  it.each([...puts, 'get'] as Call[])('reset in the middle: %s fails, and nothing of it stays', async (call) => {
    const outcome = await meet(call, {
      kind: 'reset',
      afterBytes: call === 'probe'
        ? 0
        : 50_000,
    })
    expect(outcome).toMatchObject({ kind: 'unavailable' })
  })

  it('an answer that is cut short is never taken for a whole one', async () => {
    for (const afterBytes of [0, 1, 2 * MiB]) expect(await meet('get', { kind: 'truncate', afterBytes })).toMatchObject({ kind: 'unavailable' })
    for (const call of ['list', 'begin'] as const) expect(await meet(call, { kind: 'truncate', afterBytes: 20 })).toMatchObject({ kind: 'unavailable' })
    expect(await meet('complete', { kind: 'truncate', afterBytes: 20 })).toBe('done') // the object tells
  })

  describe('a download whose connection breaks', () => {
    const key = newKey()
    beforeAll(() => direct?.putObject(key, chunked(large)))

    /** Breaks the next answers after so many bytes of each. */
    async function breakNext(times: number, afterBytes: number): Promise<void> {
      await proxy.set({ kind: 'truncate', afterBytes }, ({ method }) => method === 'GET' && times-- > 0)
    }

    it.each([0, 1, 5 * MiB, large.length - 1])('after %i bytes goes on where it was', async (afterBytes) => {
      await withoutLeak(async () => {
        await breakNext(2, afterBytes)
        const { body } = await storage.getObject(key)
        expect((await buffer(body)).equals(large)).toBe(true)
        expect(proxy.met()).toBe(2)
      })
    })

    it('goes on within its range', async () => {
      await breakNext(1, 1000)
      const { body } = await storage.getObject(key, {
        range: { start: 70_000, end: 8 * MiB },
        expectedSize: large.length,
      })
      expect((await buffer(body)).equals(large.subarray(70_000, 8 * MiB + 1))).toBe(true)
      expect(proxy.met()).toBe(1)
    })

    /** Goes on trying for longer than a moment may take here. */
    function useEnduring(): Driver {
      const driver = openS3Storage(behind(proxy, minio), {
        deadlines: {
          ...unhurried,
          resumeMs: [0, 50, 500, 5000, 30_000],
        },
      })
      onTestFinished(() => driver.close())
      return driver
    }

    it('goes on when the store was away for a moment', async () => {
      const { body } = await useEnduring().getObject(key)
      const chunks: Buffer[] = []
      for await (const chunk of body as AsyncIterable<Buffer>) {
        if (chunks.push(chunk) !== 1) continue
        await proxy.set({ kind: 'down' })
        setTimeout(() => void proxy.set(), 20)
      }
      expect(Buffer.concat(chunks).equals(large)).toBe(true)
    })

    it('begins when the store is back, for the patient', async () => {
      await proxy.set({ kind: 'down' })
      await expect(storage.getObject(key)).rejects.toMatchObject({ kind: 'unavailable' })
      await expect(storage.getObject(key, { patient: true })).rejects.toMatchObject({ kind: 'unavailable' })
      setTimeout(() => void proxy.set(), 20)
      const { body } = await useEnduring().getObject(key, { patient: true })
      expect((await buffer(body)).equals(large)).toBe(true)
      const leaving = new AbortController()
      await proxy.set({ kind: 'down' })
      setTimeout(() => leaving.abort(), 20)
      await expect(storage.getObject(key, { patient: true, signal: leaving.signal })).rejects.toMatchObject({ kind: 'aborted' })
    })

    it('is not asked for again when the object is another one by then', async () => {
      const other = newKey()
      await direct.putObject(other, chunked(large))
      const { body } = await useEnduring().getObject(other)
      const read = body[Symbol.asyncIterator]()
      await read.next()
      await direct.putObject(other, chunked(small))
      await proxy.set({ kind: 'down' })
      setTimeout(() => void proxy.set(), 20)
      const readAll = async () => {
        let next: IteratorResult<unknown>
        do next = await read.next()
        while (!next.done)
      }
      await expect(readAll()).rejects.toMatchObject({ kind: 'corrupt' })
    })

    it('ends at once when nobody wants it any more, before it goes on', async () => {
      const patient = openS3Storage(behind(proxy, minio), {
        deadlines: {
          ...unhurried,
          resumeMs: [60_000],
        },
      })
      onTestFinished(() => patient.close())
      await withoutLeak(async () => {
        await breakNext(1, 1000)
        const { body } = await patient.getObject(key)
        body.on('error', () => {}).resume()
        await expect.poll(() => proxy.connections()).toBe(0)
        body.destroy()
        await new Promise(resolve => body.once('close', resolve))
      })
    })
  })

  it.each([...puts])('a byte that is another on its way in: %s fails', async (call) => {
    expect(await meet(call, {
      kind: 'flip',
      of: 'request',
      at: call === 'probe'
        ? 2
        : 60_000,
    })).toMatchObject({ kind: 'unavailable' })
  })

  it('a slow store is no failure', async () => {
    for (const call of ['put, from memory', 'part', 'get'] as const) expect(await meet(call, { kind: 'slow', bytesPerSecond: 8 * MiB })).toBe('done')
  })

  it.each(['put, from memory', 'put, of known length'] as const)('a lost answer: what %s has stored is taken back', async (call) => {
    const keys = async () => (await collect(direct.listObjects())).length
    const put = await calls[call]()
    const before = await keys()
    // On a kept connection, what is in memory would be sent again.
    await expect.poll(() => proxy.connections()).toBe(0)
    await proxy.set({ kind: 'lose-reply' }, ({ method }) => method === 'PUT')
    await expect(put()).rejects.toMatchObject({ kind: 'unavailable' })
    expect(proxy.met()).toBe(1)
    expect(await keys()).toBe(before)
  })

  it.each(['from memory', 'in parts of its own'] as const)('a kept connection that breaks: a put, %s, begins again', async (how) => {
    const kept = openS3Storage(behind(proxy, minio), {
      deadlines: { ...unhurried, keepAliveMs: 60_000 },
    })
    onTestFinished(() => kept.close())
    await kept.statObject(newKey()) // leaves a connection
    let lost = 0
    await proxy.set({ kind: 'lose-reply' }, ({ method }) => method === 'PUT' && lost++ === 0)
    const { key, bytes } = await (await calls[`put, ${how}`](kept))()
    expect(proxy.met()).toBe(1)
    expect((await readBack(key!)).equals(bytes!)).toBe(true)
  })

  it('a lost answer to complete is found out', async () => {
    const complete = await calls.complete()
    await proxy.set({ kind: 'lose-reply' }, ({ method }) => method === 'POST')
    const { key } = await complete()
    expect(proxy.met()).toBeGreaterThan(0)
    expect((await readBack(key!)).equals(twoParts)).toBe(true)
  })

  it.each(['busy', 'silent', 'denied'] as const)('joined before, and now the store is %s about the object: not known, and not lost', async (kind) => {
    const { send, upload, size } = await begin({ storage: direct } as never, twoParts)
    const parts = [await send(1), await send(2)]
    await direct.completeMultipart(upload, { size, parts })
    await proxy.set({ kind }, ({ method }) => method === 'HEAD')
    await expect((kind === 'silent'
      ? hurried
      : storage).completeMultipart(upload, { size, parts })).rejects.toMatchObject({ kind: 'unavailable' })
    await proxy.set()
    await storage.completeMultipart(upload, { size, parts })
  })

  it('a lost answer to delete harms nobody', async () => {
    const key = newKey()
    await direct.putObject(key, chunked(small))
    await proxy.set({ kind: 'lose-reply' })
    await expect(storage.deleteObject(key)).rejects.toMatchObject({ kind: 'unavailable' })
    await proxy.set()
    await storage.deleteObject(key)
  })

  it('a download that the store no longer feeds ends, and one that is read slowly does not', async () => {
    const key = newKey()
    await direct.putObject(key, chunked(large))
    const { body } = await hurried.getObject(key)
    body.pause()
    await sleep(deadlines.idleMs * 2)
    expect((await buffer(body)).equals(large)).toBe(true)

    await proxy.set({ kind: 'slow', bytesPerSecond: 1000 })
    const slow = await hurried.getObject(key)
    await expect(buffer(slow.body)).rejects.toMatchObject({ kind: 'unavailable' })
  })

  it('a body that comes slowly is not the store’s fault', async () => {
    const { send } = await begin({ storage: hurried } as never, twoParts)
    const slow = stalling(twoParts, 50)
    const sending = send(1, slow)
    let failed = false
    sending.catch(() => failed = true)
    await slow.reached
    await sleep(deadlines.answerMs + deadlines.idleMs)
    expect(failed).toBe(false)
    slow.destroy(new Error('enough'))
    await expect(sending).rejects.toThrow('enough')
  })

  it('answers a part that it refuses before a byte of it was taken', async () => {
    const { send } = await begin({ storage: direct } as never, twoParts)
    await proxy.set({ kind: 'full' })
    const body = stalling(twoParts, 1)
    await expect(send(1, body, undefined, storage)).rejects.toMatchObject({ kind: 'full' })
    expect(body.destroyed).toBe(true)
  })

  it('takes up where it was when the store is killed and comes back', async () => {
    const { send, upload, size } = await begin({ storage: direct } as never, twoParts)
    const kept = openS3Storage(s3ConfigOf(minio), {
      deadlines: { ...unhurried, keepAliveMs: 60_000 },
    })
    onTestFinished(() => kept.close())
    const first = await send(1, undefined, undefined, kept)
    await minio.kill()
    await expect(kept.statObject(upload.key)).rejects.toMatchObject({ kind: 'unavailable' })
    await expect(kept.probe()).rejects.toMatchObject({ kind: 'unavailable' })
    await minio.restart()
    await kept.completeMultipart(upload, {
      size,
      parts: [first, await send(2, undefined, undefined, kept)],
    })
    expect((await readBack(upload.key)).equals(twoParts)).toBe(true)
  })

  it('an error inside a 200 is one', async () => {
    const { send, upload, size } = await begin({ storage: direct } as never, twoParts)
    const parts = [
      await send(1),
      {
        ...await send(2),
        etag: '0'.repeat(32),
      },
    ]
    await expect(storage.completeMultipart(upload, { size, parts })).rejects.toMatchObject({
      kind: 'part_mismatch',
      parts: [2],
    })
  })

  it('keeps apart what is missing and where it is missing from', async () => {
    const lost = openS3Storage(s3ConfigOf(minio, { bucket: 'no-such-bucket' }), { deadlines })
    onTestFinished(() => lost.close())
    await expect(lost.statObject('w/1')).rejects.toMatchObject({ kind: 'unavailable' })
    await expect(lost.getObject('w/1')).rejects.toMatchObject({ kind: 'unavailable' })
    await expect(lost.putObject('w/1', Readable.from([
      Buffer.alloc(1),
    ]))).rejects.toMatchObject({ kind: 'unavailable' })
  })
})
