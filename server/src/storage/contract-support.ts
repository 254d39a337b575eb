import type { Buffer } from 'node:buffer'
import type { ByteRange, ObjectLocation, Storage } from './storage.ts'
import { createHash, randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect } from 'vitest'
import { countParts, locatePart } from './part-layout.ts'

/** What a driver's test gives to the contract. */
export interface StorageFixture {
  /** Another driver on the same store, as after a restart; the contract closes it. */
  open: () => Promise<Storage>
  /** Cuts a stored object behind the driver's back. */
  truncateObject: (key: string, size: number) => Promise<void>
  /** Reads a range as a proxy does that was told of the location, without the driver. */
  readLocation: (location: ObjectLocation, range: ByteRange) => Promise<Buffer>
  dispose: () => Promise<void>
}

/** The store under test; filled before the first test runs. */
export interface ContractContext { fixture: StorageFixture, storage: Storage }

/** The smallest part S3 takes (but for the last). */
export const PART_BYTES = 5 * 1024 * 1024

export async function put({ storage }: ContractContext, bytes: Buffer): Promise<string> {
  const key = newKey()
  await storage.putObject(key, Readable.from([bytes]))
  return key
}

export async function get({ storage }: ContractContext, key: string, range?: { start: number, end: number }): Promise<Buffer> {
  const { body, size } = await storage.getObject(key, { range })
  const bytes = await buffer(body)
  expect(bytes.length).toBe(size)
  return bytes
}

/** An upload and how to send its parts. */
export async function begin({ storage }: ContractContext, bytes: Buffer, partSize = PART_BYTES) {
  const layout = { size: bytes.length, partSize }
  const key = newKey()
  const { ref } = await storage.createMultipart(key, layout)
  const upload = { key, ref }
  const sliceOf = (n: number) => {
    const { offset, size } = locatePart(layout, n)
    return bytes.subarray(offset, offset + size)
  }
  const send = async (n: number, body: Readable = chunked(sliceOf(n)), signal?: AbortSignal, by = storage) =>
    ({
      n,
      size: locatePart(layout, n).size,
      ...await by.putPart(upload, locatePart(layout, n), body, { signal }),
    })
  return {
    upload,
    count: countParts(layout),
    size: bytes.length,
    send,
    sliceOf,
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items)
    all.push(item)
  return all
}

export function newKey(): string {
  return `w/${randomUUID()}/${randomUUID()}`
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** As a socket gives it: pieces of uneven length. */
export function chunked(bytes: Buffer): Readable {
  return Readable.from((function* () {
    for (let at = 0, n = 1; at < bytes.length; n = (n * 7) % 11 + 1) {
      const next = Math.min(bytes.length, at + n * 8191)
      yield bytes.subarray(at, next)
      at = next
    }
  })(), { objectMode: false })
}

/** Gives `percent` of the bytes and then nothing more; `reached` resolves when all of these were taken. */
export function stalling(bytes: Buffer, percent: number): Readable & { reached: Promise<void> } {
  const end = Math.floor(bytes.length * percent / 100)
  const { promise: reached, resolve } = Promise.withResolvers<void>()
  let at = 0
  const body = new Readable({
    read() {
      if (at >= end)
        return void setTimeout(resolve, 10)
      const next = Math.min(end, at + 65_536)
      this.push(bytes.subarray(at, next))
      at = next
    },
  })
  return Object.assign(body, { reached })
}

/** Runs `work` and expects as many open descriptors after as before (where /proc tells; elsewhere only `work` counts). */
export async function withoutLeak(work: () => Promise<void>): Promise<void> {
  const before = countDescriptors()
  await work()
  await expect.poll(countDescriptors, { interval: 20 }).toBeLessThanOrEqual(before)
}

function countDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  }
  catch {
    return 0
  }
}
