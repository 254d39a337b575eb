import { describe, expect, it } from 'vitest'
import { findPlaceholders, policyState } from './policy-state.ts'

const version = (number: number, effectiveOn: string) => ({
  number,
  effectiveOn,
  title: 'Privacy',
  summary: '',
  publishedAt: '2026-01-01T00:00:00Z',
  sha256: '',
})
const policy = {
  versions: [] as ReturnType<typeof version>[],
  currentNumber: null as number | null,
  withdrawnAt: null as string | null,
  hasUnpublishedChanges: true,
}

describe('policyState', () => {
  it('is a draft until something is published', () => {
    expect(policyState(policy, '2026-03-01')).toEqual({
      kind: 'draft',
      current: undefined,
      upcoming: undefined,
      isChanged: false,
    })
  })

  it('names what is in effect and what comes next', () => {
    const versions = [
      version(3, '2026-05-01'),
      version(2, '2026-04-01'),
      version(1, '2026-01-01'),
    ]
    expect(policyState({ ...policy, versions, currentNumber: 1 }, '2026-03-01')).toMatchObject({
      kind: 'current',
      current: { number: 1 },
      upcoming: { number: 2 },
      isChanged: true,
    })
  })

  it('does not announce what a later version has overtaken', () => {
    const versions = [
      version(2, '2026-01-01'),
      version(1, '2026-06-01'),
    ]
    expect(policyState({ ...policy, versions, currentNumber: 2 }, '2026-03-01').upcoming).toBeUndefined()
  })

  it('is announced before its first day, and withdrawn whatever there is', () => {
    const versions = [
      version(1, '2026-06-01'),
    ]
    expect(policyState({ ...policy, versions }, '2026-03-01').kind).toBe('announced')
    expect(policyState({ ...policy, versions, withdrawnAt: '2026-03-01T00:00:00Z' }, '2026-03-01')).toMatchObject({ kind: 'withdrawn', upcoming: undefined })
  })
})

it('finds placeholders with their lines, also one without an end', () => {
  const text = '# A\n\n[[TO DO: your name]] and\n[[TO DO: half'
  expect(findPlaceholders(text)).toEqual([
    {
      text: 'your name',
      line: 3,
      start: 5,
      end: 25,
    },
    {
      text: 'half',
      line: 4,
      start: 30,
      end: 43,
    },
  ])
})
