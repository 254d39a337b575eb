import type { Policy, PolicyDraft, PolicyVersionSummary } from '../../api/generated/types.gen.ts'

export interface PolicyState {
  kind: 'draft' | 'current' | 'announced' | 'withdrawn'
  /** The version in effect. */
  current?: PolicyVersionSummary
  /** The next one that is announced. */
  upcoming?: PolicyVersionSummary
  /** Readers would get another text than the one they have. */
  isChanged: boolean
}

/** Where a policy stands. `versions` are newest first, each with what the server says of it. */
export function policyState({ versions, withdrawnAt, hasUnpublishedChanges }: Pick<Policy, 'versions' | 'withdrawnAt' | 'hasUnpublishedChanges'>): PolicyState {
  const current = versions.find(({ state }) => state === 'current')
  const upcoming = versions
    .filter(({ state }) => state === 'upcoming')
    .sort((one, other) => one.effectiveOn.localeCompare(other.effectiveOn) || other.number - one.number)[0]
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

/** What the server found to be in the way of publishing a draft. */
export type Missing = PolicyDraft['missing'][number]

/** From which character to before which it stands in the text; undefined once it does not. */
export function placeOf(markdown: string, { line, directive }: Pick<Missing, 'line' | 'directive'>): { start: number, end: number } | undefined {
  const before = markdown.split('\n').slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  const text = markdown.slice(before).split('\n', 1)[0]!
  const found = directive === null
    ? /\[\[TO DO:[^\]]*(?:\]\])?/.exec(text)
    : null
  const [at, length] = directive === null
    ? [found?.index ?? -1, found?.[0].length ?? 0]
    : [
        text.indexOf(directive),
        directive.length,
      ]
  return at < 0
    ? undefined
    : { start: before + at, end: before + at + length }
}

/** In one line each, so that a text with a hundred places to fill in is not a hundred buttons. */
export const MOST_LISTED = 12

/** Languages that operators are offered to write in, besides what they have; the API takes any. */
export const offeredLanguages = [
  'en',
  'de',
  'fr',
  'es',
  'it',
  'pt',
  'nl',
  'da',
  'sv',
  'nb',
  'fi',
  'pl',
  'cs',
  'sk',
  'hu',
  'ro',
  'bg',
  'el',
  'et',
  'lv',
  'lt',
  'sl',
  'hr',
  'tr',
  'uk',
  'ru',
  'ar',
  'he',
  'fa',
  'hi',
  'zh',
  'ja',
  'ko',
  'vi',
  'id',
]
