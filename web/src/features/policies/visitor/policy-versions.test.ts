import { expect, it } from 'vitest'
import { versionStates } from './policy-versions.ts'

const versions = [
  { number: 4, effectiveOn: '2027-03-01' },
  { number: 3, effectiveOn: '2026-06-01' },
  { number: 2, effectiveOn: '2027-01-01' },
  { number: 1, effectiveOn: '2026-01-01' },
]

it('tells the version in effect from earlier, upcoming and overtaken ones', () => {
  expect(Object.fromEntries(versionStates(versions, '2026-11-23'))).toEqual({
    1: 'earlier',
    2: 'skipped',
    3: 'current',
    4: 'upcoming',
  })
  expect(versionStates(versions, '2026-05-31').get(1)).toBe('current')
  expect(versionStates(versions, '2026-05-31').get(3)).toBe('upcoming')
  expect(versionStates(versions, '2027-03-01').get(4)).toBe('current')
})

it('has none in effect before the first begins, or after a withdrawal', () => {
  expect([
    ...versionStates(versions, '2025-12-31').values(),
  ]).not.toContain('current')
  expect(new Set(versionStates(versions, '2026-11-23', true).values())).toEqual(new Set(['ended']))
})
