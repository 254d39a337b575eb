import { once } from 'node:events'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { countReader, readAhead } from './read-ahead.ts'

const KiB = 1024

describe('readAhead', () => {
  it('is large for a few readers, small for many, and large again once they are gone', async () => {
    const readers: Readable[] = []
    const shares = [1, 16, 32, 128, 200].map((count) => {
      while (readers.length < count) readers.push(countReader(Readable.from(['x'])))
      return readAhead() / KiB
    })
    expect(shares).toEqual([512, 512, 256, 64, 64])
    await Promise.all(readers.map(reader => once(reader.destroy(), 'close')))
    expect(readAhead() / KiB).toBe(512)
  })
})
