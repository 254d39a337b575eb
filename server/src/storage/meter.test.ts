import { Buffer } from 'node:buffer'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createMeter } from './meter.ts'

async function run(limits: { max?: number, exact?: number }, chunks: Buffer[]) {
  const meter = createMeter(limits)
  const passed: Buffer[] = []
  const failure = await pipeline(Readable.from(chunks), meter, async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source)
      passed.push(chunk)
  }).then(() => undefined, (error: unknown) => error)
  return {
    meter,
    failure,
    passed: Buffer.concat(passed),
  }
}

describe('meter', () => {
  it('counts, hashes and keeps the head', async () => {
    const bytes = randomBytes(300_001)
    const meter = createMeter()
    const [passed] = await Promise.all([
      buffer(meter),
      pipeline(Readable.from([
        bytes.subarray(0, 7),
        bytes.subarray(7),
      ]), meter),
    ])
    expect(passed.equals(bytes)).toBe(true)
    expect(meter.result()).toEqual({
      size: 300_001,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      crc32: crc32(bytes),
      blocks: expect.any(Buffer),
      head: bytes.subarray(0, 4100),
    })
  })

  it('knows the empty file', async () => {
    const { meter } = await run({ exact: 0 }, [])
    expect(meter.result()).toEqual({
      size: 0,
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      crc32: 0,
      blocks: Buffer.alloc(0),
      head: Buffer.alloc(0),
    })
  })

  it.each([
    [
      { max: 10 },
      [5, 5],
      undefined,
    ],
    [
      { max: 10 },
      [5, 6],
      'too_large',
    ],
    [
      { max: 0 },
      [1],
      'too_large',
    ],
    [
      { exact: 10 },
      [10],
      undefined,
    ],
    [
      { exact: 10 },
      [9],
      'short',
    ],
    [
      { exact: 10 },
      [10, 1],
      'long',
    ],
    [
      { exact: 10, max: 5 },
      [6],
      'too_large',
    ],
  ] as const)('holds %j against chunks of %j: %s', async (limits, sizes, kind) => {
    const { failure, meter, passed } = await run(limits, sizes.map(size => randomBytes(size)))
    if (kind === undefined) {
      expect(failure).toBeUndefined()
      expect(meter.result().size).toBe(10)
    }
    else {
      expect(failure).toMatchObject({ name: 'MeterError', kind })
      expect(passed.length).toBeLessThanOrEqual('max' in limits
        ? limits.max
        : 10)
      expect(() => meter.result()).toThrow('has not seen the end')
    }
  })
})
