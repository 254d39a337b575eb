import { describe, expect, it } from 'vitest'
import { evaluateConditions, requestedRange } from './content-conditions.ts'

const etag = '"v1"'

describe('requestedRange', () => {
  it.each([
    [undefined, 'whole'],
    [
      'bytes=0-0',
      { start: 0, end: 0 },
    ],
    [
      'bytes=0-9',
      { start: 0, end: 9 },
    ],
    [
      'bytes=3-5',
      { start: 3, end: 5 },
    ],
    [
      'bytes=3-',
      { start: 3, end: 9 },
    ],
    [
      'bytes=3-99999999999999999999999',
      { start: 3, end: 9 },
    ],
    [
      'bytes=-1',
      { start: 9, end: 9 },
    ],
    [
      'bytes=-10',
      { start: 0, end: 9 },
    ],
    [
      'bytes=-11',
      { start: 0, end: 9 },
    ],
    [
      'BYTES= 3-5 ',
      { start: 3, end: 5 },
    ],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=99999999999999999999999-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-3', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=', 'whole'],
    ['bytes=a-b', 'whole'],
    ['bytes=+1-2', 'whole'],
    ['bytes=0x1-2', 'whole'],
    ['bytes 1-2', 'whole'],
    ['items=1-2', 'whole'],
    ['bytes=0-1,3-4', 'whole'],
    ['bytes=0-1,', 'whole'],
  ])('of 10 bytes: %s → %o', (range, expected) => {
    expect(requestedRange({ range }, 10, etag)).toEqual(expected)
  })

  it.each([
    ['bytes=0-', 'unsatisfiable'],
    ['bytes=-5', 'whole'],
    ['bytes=-0', 'unsatisfiable'],
  ])('of an empty file: %s → %s', (range, expected) => {
    expect(requestedRange({ range }, 0, etag)).toBe(expected)
  })

  it('holds only for the representation that If-Range names', () => {
    const range = 'bytes=1-2'
    expect(requestedRange({ range, 'if-range': etag }, 10, etag)).toEqual({ start: 1, end: 2 })
    for (const other of [
      '"v2"',
      `W/${etag}`,
      'Sun, 06 Nov 2044 08:49:37 GMT',
      '*',
    ]) expect(requestedRange({ range, 'if-range': other }, 10, etag)).toBe('whole')
  })
})

describe('evaluateConditions', () => {
  const lastModified = new Date('2026-01-02T03:04:05.678Z')
  const [before, same, after] = ['Fri, 02 Jan 2026 03:04:04 GMT', 'Fri, 02 Jan 2026 03:04:05 GMT', 'Fri, 02 Jan 2026 03:04:06 GMT']

  it.each([
    [{}, 'send'],
    [
      { 'if-none-match': etag },
      'not_modified',
    ],
    [
      { 'if-none-match': `W/${etag}` },
      'not_modified',
    ],
    [
      { 'if-none-match': `"a", W/"b", ${etag}` },
      'not_modified',
    ],
    [
      { 'if-none-match': '*' },
      'not_modified',
    ],
    [
      { 'if-none-match': '"v2"' },
      'send',
    ],
    [
      { 'if-none-match': '"v2"', 'if-modified-since': after },
      'send',
    ],
    [
      { 'if-modified-since': before },
      'send',
    ],
    [
      { 'if-modified-since': same },
      'not_modified',
    ],
    [
      { 'if-modified-since': after },
      'not_modified',
    ],
    [
      { 'if-modified-since': 'tomorrow' },
      'send',
    ],
    [
      { 'if-match': etag },
      'send',
    ],
    [
      { 'if-match': '*' },
      'send',
    ],
    [
      { 'if-match': `W/${etag}` },
      'failed',
    ],
    [
      { 'if-match': '"v2"' },
      'failed',
    ],
    [
      { 'if-match': etag, 'if-unmodified-since': before },
      'send',
    ],
    [
      { 'if-unmodified-since': before },
      'failed',
    ],
    [
      { 'if-unmodified-since': same },
      'send',
    ],
    [
      { 'if-match': '"v2"', 'if-none-match': etag },
      'failed',
    ],
  ])('%o → %s', (headers, expected) => {
    expect(evaluateConditions(headers, { etag, lastModified })).toBe(expected)
  })
})
