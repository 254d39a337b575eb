import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { verifyBody } from './verify-body.ts'

const content = randomBytes(300_000)
const whole = {
  size: content.length,
  crc32: crc32(content),
}
const chunks = (bytes: Buffer) => Array.from({ length: 3 }, (_, n) => bytes.subarray(n * 100_000, (n + 1) * 100_000))

describe('verifyBody', () => {
  it('passes on what is right', async () => {
    expect(Buffer.concat(await verifyBody(Readable.from(chunks(content)), whole).toArray()).equals(content)).toBe(true)
  })

  it.each([0, 150_000, 299_999])('breaks off before its end what has another byte at %i', async (at) => {
    const other = Buffer.from(content)
    other[at]! ^= 1
    let bytes = 0
    await expect(async () => {
      for await (const chunk of verifyBody(Readable.from(chunks(other)), whole)) bytes += (chunk as Buffer).length
    }).rejects.toMatchObject({ code: 'file.corrupt', status: 500 })
    expect(bytes).toBeLessThan(content.length)
  })

  it('lets go of the source when the reader does, and tells of a source that fails', async () => {
    const source = Readable.from(chunks(content))
    verifyBody(source, whole).destroy()
    await new Promise(resolve => setImmediate(resolve))
    expect(source.destroyed).toBe(true)
    const failing = new Readable({
      read() {
        this.destroy(new Error('disk'))
      },
    })
    await expect(verifyBody(failing, whole).toArray()).rejects.toThrow('disk')
  })
})
