import { describe, expect, it } from 'vitest'
import { renderDocument } from '../../utils/markdown.ts'
import { placeOf, policyState } from './policy-state.ts'
import { driftMarks } from './visitor/drift-notes.ts'

type State = 'current' | 'upcoming' | 'earlier' | 'skipped' | 'ended'
const version = (number: number, state: State, effectiveOn = '2026-05-01') => ({
  number,
  effectiveOn,
  state,
  acceptAgain: false,
  texts: [],
  publishedAt: '2026-01-01T00:00:00Z',
})
const policy = {
  versions: [] as ReturnType<typeof version>[],
  withdrawnAt: null as string | null,
  hasUnpublishedChanges: true,
}

describe('policyState', () => {
  it('is a draft until something is published', () => {
    expect(policyState(policy)).toEqual({
      kind: 'draft',
      current: undefined,
      upcoming: undefined,
      isChanged: false,
    })
  })

  it('names what is in effect and what comes next', () => {
    const versions = [
      version(3, 'upcoming', '2026-06-01'),
      version(2, 'upcoming'),
      version(1, 'current'),
    ]
    expect(policyState({ ...policy, versions })).toMatchObject({
      kind: 'current',
      current: { number: 1 },
      upcoming: { number: 2 },
      isChanged: true,
    })
  })

  it('is announced before its first day, and withdrawn whatever there is', () => {
    expect(policyState({
      ...policy,
      versions: [
        version(1, 'upcoming'),
      ],
    }).kind).toBe('announced')
    expect(policyState({
      ...policy,
      versions: [
        version(1, 'ended'),
      ],
      withdrawnAt: '2026-03-01T00:00:00Z',
    })).toMatchObject({ kind: 'withdrawn', upcoming: undefined })
  })
})

it('finds what is missing in its line', () => {
  const text = '# A\n\n[[TO DO: your name]] and {{nothing}}\n[[TO DO: half'
  const found = (line: number, directive: string | null) => {
    const place = placeOf(text, { line, directive })
    return place && text.slice(place.start, place.end)
  }
  expect(found(3, null)).toBe('[[TO DO: your name]]')
  expect(found(3, '{{nothing}}')).toBe('{{nothing}}')
  expect(found(4, null)).toBe('[[TO DO: half')
  expect(found(1, null)).toBeUndefined()
  expect(found(3, '{{gone}}')).toBeUndefined()
})

describe('what is so no more', () => {
  const drift = (fact: string, form: 'inline' | 'block', now: string | null) => ({
    fact,
    form,
    label: fact,
    then: '',
    now,
    since: '2026-12-04T10:00:00Z',
  })
  const shown = (source: string, places: { fact: string, words: string }[], drifts: ReturnType<typeof drift>[]) => renderDocument(source, {
    marks: driftMarks(places.map(({ fact, words }) => ({
      fact,
      start: source.indexOf(words),
      end: source.indexOf(words) + words.length,
    })), drifts, (_, now) => `live: ${now ?? 'gone'}`),
  }).html

  it('is struck out where it stands, with what is so now beside it', () => {
    expect(shown('Kept **30 days** or 7.', [
      { fact: 'a', words: '30 days' },
      { fact: 'b', words: '7' },
    ], [
      drift('a', 'inline', '17 days'),
    ]))
      .toBe('<p dir="auto">Kept <strong><del class="drifted" dir="auto">30 days</del> <ins class="live" dir="auto">live: 17 days</ins></strong> or 7.</p>\n')
    expect(shown('At 1 Main Street', [
      { fact: 'a', words: '1 Main Street' },
    ], [
      drift('a', 'inline', null),
    ])).toContain('<ins class="live" dir="auto">live: gone</ins>')
  })

  it('is a block with what is so now below it', () => {
    const table = '| a |\n| --- |\n| 30 |'
    const html = shown(`Before\n\n${table}\n\nAfter`, [
      { fact: 'a', words: table },
    ], [
      drift('a', 'block', 'Trash: 17 days'),
    ])
    expect(html).toMatch(/^<p dir="auto">Before<\/p>\n<div class="drifted">\n<table[\s\S]*<\/table>\n<p class="live" role="note" dir="auto">live: Trash: 17 days<\/p><\/div>\n<p dir="auto">After<\/p>\n$/)
  })

  it('stays out of where no HTML can be, and others are marked all the same', () => {
    const html = shown('[a](https://old.example) and 30 days', [
      { fact: 'a', words: 'https://old.example' },
      { fact: 'b', words: '30 days' },
    ], [
      drift('a', 'inline', 'x'),
      drift('b', 'inline', '17 days'),
    ])
    expect(html).toBe('<p dir="auto"><a href="https://old.example" rel="noopener nofollow">a</a> and <del class="drifted" dir="auto">30 days</del> <ins class="live" dir="auto">live: 17 days</ins></p>\n')
  })

  it('lets no HTML through', () => {
    const html = shown('Kept 30 days', [
      { fact: 'a', words: '30 days' },
    ], [
      drift('a', 'inline', '<img src=x onerror=alert(1)> [x](javascript:alert(1)) $& $1'),
    ])
    expect(html).not.toMatch(/<img|href/)
    expect(html).toContain('&lt;img')
    expect(html).toContain('$&amp; $1')
  })

  it('keeps a heading’s address and an e-mail address as they are', () => {
    expect(renderDocument('## Kept 30 days\n\nask a@example.com now', {
      anchors: true,
      marks: [
        {
          start: 8,
          end: 15,
          isBlock: false,
          open: '<b>',
          close: '</b>',
        },
        {
          start: 21,
          end: 34,
          isBlock: false,
          open: '<i>',
          close: '</i>',
        },
      ],
    })).toEqual({
      html: '<h2 dir="auto" id="kept-30-days">Kept <b>30 days</b></h2>\n<p dir="auto">ask <i><a href="mailto:a@example.com" rel="noopener nofollow">a@example.com</a></i> now</p>\n',
      headings: [
        {
          id: 'kept-30-days',
          text: 'Kept 30 days',
          level: 2,
          number: undefined,
        },
      ],
    })
  })
})
