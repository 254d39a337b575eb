import { describe, expect, it } from 'vitest'
import { dayIn } from '../../http/time-zone.ts'
import { bestLanguage, contentHash, stateOf, upcomingVersion, versionInEffect } from './policies.policy.ts'

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
})

it.each([
  ['UTC', '2026-02-28'],
  ['Europe/Berlin', '2026-03-01'],
  ['America/Los_Angeles', '2026-02-28'],
  ['Pacific/Kiritimati', '2026-03-01'],
])('counts days as %s does', (timeZone, day) => {
  expect(dayIn(timeZone, new Date('2026-02-28T23:30:00Z'))).toBe(day)
})

it('says where each version stands', () => {
  const versions = [
    v(4, '2027-03-01'),
    v(3, '2026-06-01'),
    v(2, '2027-01-01'),
    v(1, '2026-01-01'),
  ]
  const states = (today: string, withdrawn = false) => versions.map(version => stateOf(version, versions, { today, withdrawn }))
  expect(states('2026-11-23')).toEqual([
    'upcoming',
    'current',
    'skipped',
    'earlier',
  ])
  expect(states('2026-05-31')).toEqual([
    'upcoming',
    'upcoming',
    'upcoming',
    'current',
  ])
  expect(states('2027-03-01')).toEqual([
    'current',
    'earlier',
    'earlier',
    'earlier',
  ])
  expect(states('2025-12-31')).not.toContain('current')
  expect(states('2026-11-23', true)).toEqual(['ended', 'ended', 'ended', 'ended'])
})

it('gives readers the language that they want, else the deployment’s, else any', () => {
  expect(bestLanguage(['de', 'en', 'fr'], ['es', 'fr', 'de'], 'en')).toBe('fr')
  expect(bestLanguage(['de', 'en'], ['es'], 'en')).toBe('en')
  expect(bestLanguage(['ar', 'de'], [], 'en')).toBe('ar')
  expect(bestLanguage([], ['en'], 'en')).toBeUndefined()
})

it('knows drafts by all that they say, in whatever order they come', () => {
  const [en, de] = ['en', 'de'].map(language => ({
    language,
    title: 'a',
    markdown: 'b',
    highlights: [
      { title: 'c', sentence: 'd' },
    ],
  }))
  expect(contentHash([en!, de!])).toBe(contentHash([de!, en!]))
  for (const change of [
    { title: 'x' },
    { markdown: 'x' },
    { highlights: [] },
    { language: 'fr' },
  ]) {
    expect(contentHash([
      {
        ...en!,
        ...change,
      },
    ])).not.toBe(contentHash([en!]))
  }
})
