import type { Policy, PolicyVersionSummary } from '../../api/generated/types.gen.ts'
import { serverNow } from '../../api/server-time.ts'

/** A calendar day as the server counts them, YYYY-MM-DD, UTC. */
export const utcToday = (now = serverNow()) => now.toISOString().slice(0, 10)

export interface PolicyState {
  kind: 'draft' | 'current' | 'announced' | 'withdrawn'
  /** The version in effect. */
  current?: PolicyVersionSummary
  /** The next one that is announced. */
  upcoming?: PolicyVersionSummary
  /** The draft says something else than the last version. */
  isChanged: boolean
}

/** Where a policy stands on a day. `versions` are newest first; a later version takes the place of an earlier one. */
export function policyState({ versions, currentNumber, withdrawnAt, hasUnpublishedChanges }: Pick<Policy, 'versions' | 'currentNumber' | 'withdrawnAt' | 'hasUnpublishedChanges'>, today: string): PolicyState {
  const current = versions.find(({ number }) => number === currentNumber)
  const upcoming = withdrawnAt === null
    ? versions
      .filter(({ number, effectiveOn }) => effectiveOn > today && number > (currentNumber ?? 0))
      .sort((one, other) => one.effectiveOn.localeCompare(other.effectiveOn) || other.number - one.number)[0]
    : undefined
  return {
    kind: withdrawnAt !== null
      ? 'withdrawn'
      : current
        ? 'current'
        : upcoming
          ? 'announced'
          : 'draft',
    current,
    upcoming,
    isChanged: versions.length > 0 && hasUnpublishedChanges,
  }
}

export interface Placeholder {
  text: string
  /** From 1. */
  line: number
  start: number
  end: number
}

/** What only the operator can say and has not yet: `[[TO DO: …]]`, as the server refuses to publish it. */
export function findPlaceholders(markdown: string): Placeholder[] {
  return [
    ...markdown.matchAll(/\[\[TO DO:([^\]\n]*)(?:\]\])?/g),
  ].map(match => ({
    text: match[1]!.trim(),
    line: markdown.slice(0, match.index).split('\n').length,
    start: match.index,
    end: match.index + match[0].length,
  }))
}
