import { describe, expect, it } from 'vitest'
import { upcomingVersion, utcDay, versionInEffect } from './policies.policy.ts'

const v = (number: number, effectiveOn: string) => ({ number, effectiveOn })

describe('the version in effect', () => {
  it.each([
    [
      'none before the first day',
      [
        v(1, '2026-03-01'),
      ],
      '2026-02-28',
      undefined,
      1,
    ],
    [
      'the first from its day on',
      [
        v(1, '2026-03-01'),
      ],
      '2026-03-01',
      1,
      undefined,
    ],
    [
      'the newest whose day has come',
      [
        v(3, '2026-05-01'),
        v(2, '2026-04-01'),
        v(1, '2026-03-01'),
      ],
      '2026-04-15',
      2,
      3,
    ],
    [
      'the newer of two of one day',
      [
        v(1, '2026-03-01'),
        v(2, '2026-03-01'),
      ],
      '2026-03-01',
      2,
      undefined,
    ],
    [
      'a newer one that began earlier than an announced one',
      [
        v(1, '2026-01-01'),
        v(2, '2026-03-01'),
        v(3, '2026-02-01'),
      ],
      '2026-02-10',
      3,
      undefined,
    ],
    [
      'still the newer one when the announced day comes',
      [
        v(1, '2026-01-01'),
        v(2, '2026-03-01'),
        v(3, '2026-02-01'),
      ],
      '2026-03-01',
      3,
      undefined,
    ],
    [
      'next the one that begins first',
      [
        v(1, '2026-01-01'),
        v(2, '2026-03-01'),
        v(3, '2026-02-01'),
      ],
      '2026-01-10',
      1,
      3,
    ],
    [
      'next the newer of two announced for one day',
      [
        v(1, '2026-01-01'),
        v(2, '2026-03-01'),
        v(3, '2026-03-01'),
      ],
      '2026-01-10',
      1,
      3,
    ],
    [
      'nothing of nothing',
      [],
      '2026-01-10',
      undefined,
      undefined,
    ],
  ])('is %s', (_what, versions, today, current, upcoming) => {
    expect(versionInEffect(versions, today)?.number).toBe(current)
    expect(upcomingVersion(versions, today)?.number).toBe(upcoming)
  })

  it('counts days in UTC', () => {
    expect(utcDay(new Date('2026-03-01T00:30:00+02:00'))).toBe('2026-02-28')
  })
})
