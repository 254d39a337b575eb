import { describe, expect, it, vi } from 'vitest'
import { createFormat } from './format.ts'

const en = createFormat('en', 'UTC')
const de = createFormat('de', 'Europe/Berlin')
const now = '2026-11-23T12:00:00Z'
const plain = (text: string) => text.replace(/[\u00A0\u202F]/g, ' ')

describe('bytes and speed', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [88_400, '88 kB'],
    [4_200_000, '4.2 MB'],
    [999_960, '1 MB'],
    [101_000_000, '101 MB'],
    [5_368_709_120, '5.4 GB'],
    [2e18, '2,000 PB'],
  ])('%d bytes', (size, words) => expect(en.bytes(size)).toBe(words))

  it('follows the language', () => {
    expect(plain(de.bytes(4_200_000))).toBe('4,2 MB')
    expect(en.speed(48_000_000)).toBe('48 MB/s')
    expect(plain(de.speed(1_500_000))).toBe('1,5 MB/s')
  })
})

describe('duration', () => {
  it.each([
    [0, '0 sec'],
    [12.4, '12 sec'],
    [61, '1 min 1 sec'],
    [630, '11 min'],
    [3_900, '1 hr 5 min'],
    [86_400, '1 day'],
    [90_000, '1 day 1 hr'],
    [86_460, '1 day'],
    [-5, '0 sec'],
  ])(
    '%d seconds',
    (seconds, words) => expect(plain(en.duration(seconds))).toBe(words),
  )
})

describe('relative', () => {
  it.each([
    ['2026-11-23T11:59:30Z', 'now'],
    ['2026-11-23T11:55:00Z', '5 minutes ago'],
    ['2026-11-23T10:00:00Z', '2 hours ago'],
    ['2026-11-22T12:00:00Z', 'yesterday'],
    ['2026-11-20T12:00:00Z', '3 days ago'],
    ['2026-11-26T12:00:00Z', 'in 3 days'],
    ['2026-09-01T12:00:00Z', 'Sep 1, 2026'],
  ])('%s', (at, words) => expect(en.relative(at, now)).toBe(words))

  it('counts hours, not days, over a midnight just past', () => {
    expect(en.relative('2026-11-22T23:30:00Z', '2026-11-23T01:00:00Z')).toBe('1 hour ago')
  })

  it('speaks German', () => expect(de.relative('2026-11-22T12:00:00Z', now)).toBe('gestern'))
})

describe('day', () => {
  it('names the days next to now and knows the zone', () => {
    expect(en.day('2026-11-23T01:00:00Z', now)).toBe('today')
    expect(en.day('2026-11-22T23:59:00Z', now)).toBe('yesterday')
    expect(de.day('2026-11-22T23:30:00Z', now)).toBe('heute')
    expect(en.day('2026-11-16T12:00:00Z', now)).toBe('Monday, November 16')
  })
})

describe('its parts', () => {
  it('are made when they are asked for, and once: making them is what takes long', () => {
    const made = vi.spyOn(Intl, 'DateTimeFormat')
    const numbers = vi.spyOn(Intl, 'NumberFormat')
    const format = createFormat('en', 'UTC')
    expect([made, numbers].map(({ mock }) => mock.calls.length)).toEqual([0, 0])
    for (let row = 0; row < 100; row++) {
      format.date(now)
      format.bytes(4_200_000)
    }
    expect([made, numbers].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
    vi.restoreAllMocks()
  })
})
