import type { FactValue } from '../../facts/live-fact.ts'
import type { KnownFact } from './policy-directives.ts'
import { describe, expect, it } from 'vitest'
import { defineFact, inUnits, literally } from '../../facts/live-fact.ts'
import { factsNamedIn, renderDirectives } from './policy-directives.ts'

const label = (text: string) => ({
  en: text,
  de: text,
  fr: text,
  es: text,
})
const inline = (name: string, value: FactValue, words: (value: never, language: 'en' | 'de' | 'fr' | 'es') => string = value => literally(String(value))): [string, KnownFact] => [
  name,
  {
    fact: defineFact({
      name,
      form: 'inline',
      read: async () => value,
      words: words as never,
      missing: label(`Say ${name}`),
      label: label(name),
    }),
    value,
  },
]
const known = new Map([
  inline('retention.trash', 30, (days, language) => inUnits(days, 'day', language)),
  inline('organisation', 'A {{retention.trash}} *Ltd* | ::cookies'),
  inline('address', null),
  [
    'cookies',
    {
      fact: defineFact<string[]>({
        name: 'cookies',
        form: 'block',
        read: async () => ['a', 'b'],
        words: names => `| Cookie |\n| --- |\n${names.map(name => `| ${name} |`).join('\n')}\n`,
        label: label('Cookies'),
      }),
      value: ['a', 'b'],
    },
  ] as [string, KnownFact],
])
const render = (source: string, language = 'en') => renderDirectives(source, known, language)

describe('directives', () => {
  it('become what the facts are, in the text’s language, with their places and values', () => {
    const { markdown, places, facts, wrong } = render('Kept for {{retention.trash}}, then {{ retention.trash }}.', 'de')
    expect(markdown).toBe('Kept for 30 Tage, then 30 Tage.')
    expect(places.map(({ fact, start, end }) => [
      fact,
      markdown.slice(start, end),
    ])).toEqual([
      ['retention.trash', '30 Tage'],
      ['retention.trash', '30 Tage'],
    ])
    expect(facts).toEqual({ 'retention.trash': 30 })
    expect(wrong).toEqual([])
    expect(render('{{retention.trash}}', 'ar').markdown).toBe('30 days')
  })

  it('become whole blocks on a line of their own, between empty lines', () => {
    const { markdown, places } = render('Before\n::cookies\nAfter\n\n::cookies  \n\n::cookies\n::cookies')
    const table = '| Cookie |\n| --- |\n| a |\n| b |'
    expect(markdown).toBe(`Before\n\n${table}\n\nAfter\n\n${table}\n\n${table}\n\n${table}`)
    expect(new Set(places.map(({ start, end }) => markdown.slice(start, end)))).toEqual(new Set([table]))
    expect(render('::retention.trash').markdown).toBe('30 days')
  })

  it('leave a text without any as it is', () => {
    const text = '# A\n\n\nb { c } {{\nd}} `e`\n\n    f\n\n'
    expect(render(text)).toEqual({
      markdown: text,
      places: [],
      facts: {},
      wrong: [],
      isTooLong: false,
    })
  })

  it.each([
    '`{{retention.trash}}`',
    '``a ` {{retention.trash}}``',
    '`a\n{{retention.trash}} b`',
    '```\n{{retention.trash}}\n::cookies\n```',
    '> ~~~\n> {{retention.trash}}\n> ~~~',
    '- ```\n  {{retention.trash}}\n  ```',
    '```\nnever closed\n\n{{nothing}}',
    '    {{retention.trash}}',
  ])('are words in code: %j', (text) => {
    expect(render(text)).toMatchObject({ markdown: text, wrong: [] })
  })

  it.each([
    ['a backtick without its other', 'a ` {{retention.trash}}\n\n`', 'a ` 30 days\n\n`'],
    ['an escaped one', '\\`{{retention.trash}}`', '\\`30 days`'],
    ['one of another length', '`` {{retention.trash}} `', '`` 30 days `'],
    ['a list', '- {{retention.trash}}\n  `x` {{retention.trash}}', '- 30 days\n  `x` 30 days'],
    ['a table', '| a |\n| - |\n| {{retention.trash}} |', '| a |\n| - |\n| 30 days |'],
  ])('are read beside %s', (_what, text, markdown) => {
    expect(render(text).markdown).toBe(markdown)
  })

  it('are not made by what somebody wrote as a setting', () => {
    const { markdown, wrong } = render('{{organisation}}\n\n::organisation')
    expect(markdown).toBe('A {{retention.trash}} \\*Ltd\\* \\| ::cookies\n\nA {{retention.trash}} \\*Ltd\\* \\| ::cookies')
    expect(wrong).toEqual([])
  })

  it('mark what nobody has said yet, and do not freeze it', () => {
    expect(render('a\n{{address}}')).toEqual({
      markdown: 'a\n[[TO DO: Say address]]',
      places: [],
      facts: {},
      wrong: [
        { line: 2, directive: '{{address}}', what: 'open' },
      ],
      isTooLong: false,
    })
  })

  it.each([
    ['{{nothing}}', 'unknown'],
    ['{{constructor}}', 'unknown'],
    ['{{__proto__}}', 'unknown'],
    ['{{toString}}', 'unknown'],
    ['{{}}', 'unknown'],
    ['{{retention trash}}', 'unknown'],
    ['::nothing', 'unknown'],
    ['::__proto__', 'unknown'],
    ['{{cookies}}', 'block'],
  ])('are found where they are wrong: %s', (directive, what) => {
    const { markdown, places, facts, wrong } = render(`one\n\ntwo\n\n${directive}`)
    expect(markdown).toBe(`one\n\ntwo\n\n${directive}`)
    expect([
      places,
      Object.keys(facts),
    ]).toEqual([[], []])
    expect(wrong).toEqual([
      { line: 5, directive, what },
    ])
  })

  it('are blocks at the beginning of a line alone', () => {
    expect(render('a\n> ::cookies\n\n- ::cookies\n\nsee ::cookies and std::cookies').wrong).toEqual([
      { line: 2, directive: '::cookies', what: 'block' },
      { line: 4, directive: '::cookies', what: 'block' },
    ])
  })

  it('count lines however they end', () => {
    expect(render('a\r\nb\rc\n{{nothing}}').wrong[0]!.line).toBe(4)
  })

  it('end where a text is longer than it may be', () => {
    const { markdown, isTooLong } = render('::cookies\n'.repeat(20_000))
    expect(isTooLong).toBe(true)
    expect(markdown.length).toBeLessThan(201_000)
  })

  it.each([
    [
      'backticks',
      '`'.repeat(200_000),
    ],
    [
      'pairs of backticks',
      '` '.repeat(100_000),
    ],
    [
      'runs of each length',
      Array.from({ length: 600 }, (_, n) => '`'.repeat(n)).join(' '),
    ],
    [
      'braces',
      '{{'.repeat(100_000),
    ],
    [
      'unknown names',
      '{{a}}'.repeat(40_000),
    ],
    [
      'unknown blocks',
      '::a\n'.repeat(50_000),
    ],
    [
      'quotes',
      '> '.repeat(100_000),
    ],
    [
      'code and names',
      '`a`{{a}}\n'.repeat(22_000),
    ],
  ])('cost no more than their length: %s', (_what, text) => {
    const began = performance.now()
    expect(render(text).wrong.length).toBeLessThanOrEqual(50)
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})

it('names the facts of a text, also those that do not exist', () => {
  expect(factsNamedIn('{{a}} b {{ c.d }}\n::e\n `{{f}}` ::g')).toEqual(['a', 'c.d', 'f', 'e'])
})
