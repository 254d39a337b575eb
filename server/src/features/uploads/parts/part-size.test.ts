import { describe, expect, it } from 'vitest'
import { contentDigest } from '../uploads.fixture.ts'
import { parseContentDigest } from './content-digest.ts'
import { LARGEST_UPLOAD, layOutParts } from './part-size.ts'

const MiB = 1024 * 1024

describe('how a file is cut', () => {
  it.each([
    [0, 16, 0],
    [1, 16, 1],
    [16 * MiB, 16, 1],
    [16 * MiB + 1, 16, 2],
    [16_000 * MiB, 16, 1000],
    [16_000 * MiB + 1, 17, 942],
    [50_000 * MiB, 50, 1000],
    [50_000 * MiB + 1, 50, 1001],
    [LARGEST_UPLOAD, 50, 10_000],
  ])('%i bytes: parts of %i MiB, %i of them', (size, part, count) => {
    expect(layOutParts(size)).toEqual({ partSize: part * MiB, partCount: count })
  })
})

describe('content-Digest', () => {
  const bytes = Buffer.from('hello')
  const hex = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'

  it.each([
    [undefined, undefined],
    [
      contentDigest(bytes),
      hex,
    ],
    [`sha-512=:AAAA:, ${contentDigest(bytes)}`, hex],
    ['unixsum=:AAAA:', undefined],
  ])('%s', (header, expected) => {
    expect(parseContentDigest(header)).toBe(expected)
  })

  it.each([
    '',
    'sha-256',
    'sha-256=abc',
    'sha-256=:AAAA:',
    'sha-256=:!:',
    'SHA-256=:AAAA:',
    `${contentDigest(bytes)} ${contentDigest(bytes)}`,
  ])('refuses “%s”', (header) => {
    expect(() => parseContentDigest(header)).toThrow('Content-Digest')
  })
})
