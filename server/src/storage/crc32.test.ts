import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { soakIt } from '../../test/soak.ts'
import { combineCrc32 } from './crc32.ts'

describe('combineCrc32', () => {
  it.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [5, 70_000],
    [65_536, 65_536],
    [1_000_003, 31],
  ])('joins %i and %i bytes as if they were read at once', (first, second) => {
    const a = randomBytes(first)
    const b = randomBytes(second)
    expect(combineCrc32(crc32(a), crc32(b), second)).toBe(crc32(Buffer.concat([a, b])))
  })

  soakIt('goes beyond 4 GiB', () => {
    const mebibyte = Buffer.alloc(1024 * 1024, 'a')
    let one = 0
    for (let i = 0; i < 5 * 1024; i++) one = crc32(mebibyte, one)
    const start = crc32('start')
    let whole = start
    for (let i = 0; i < 5 * 1024; i++) whole = crc32(mebibyte, whole)
    expect(combineCrc32(start, one, 5 * 1024 ** 3)).toBe(whole)
  })
})
