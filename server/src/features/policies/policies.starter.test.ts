import type { FactLanguage } from '../../facts/live-fact.ts'
import { describe, expect, it } from 'vitest'
import { factLanguages } from '../../facts/live-fact.ts'
import { placeholdersIn } from './policies.placeholders.ts'
import { PolicyKind } from './policies.schemas.ts'
import { starterText } from './policies.starter.ts'
import { factsNamedIn as directivesIn } from './policy-directives.ts'

/** What texts may name, and how it stands in them. */
const inline = [
  'organisation',
  'address',
  'contact',
  'instance',
  'public-url',
  'retention.trash',
  'session.idle',
  'jurisdiction',
  'authority',
]
const blocks = [
  'cookies',
  'subprocessors',
  'retention',
  'personal-data',
  'sign-in',
  'contact',
  'elsewhere',
  'analytics',
  'backups',
  'plans',
]

/** What each kind leaves to its operator, besides the questions. */
const toDo: Record<string, number> = {
  'privacy': 5,
  'terms': 2,
  'cookies': 1,
  'acceptable-use': 1,
  'imprint': 2,
  'subprocessors': 1,
  'page': 1,
}

/** Short words that stand in almost each sentence of a language, and seldom in the others'. */
const telling: Record<FactLanguage, RegExp> = {
  en: wordsLike('the and with which what is are of your who here to a it not we you'),
  de: wordsLike('und der die das mit nicht oder ist wir was wer Sie'),
  fr: wordsLike('les nous vous avec est et pour dans qui ou ce'),
  es: wordsLike('los las nosotros usted con y para quien quién qué donde del lo a'),
}

function wordsLike(list: string): RegExp {
  return new RegExp(`(?<!\\p{L})(?:${list.replaceAll(' ', '|')})(?!\\p{L})`, 'giu')
}

const { enum: kinds } = PolicyKind as unknown as { enum: PolicyKind[] }
const modes = ['self-hosted', 'hosted'] as const
const every = kinds.flatMap(kind => modes.flatMap(mode => factLanguages.map(language => [kind, mode, language] as const)))

const headingsOf = (markdown: string) => [
  ...markdown.matchAll(/^(#+) /gm),
].map(([, marks]) => marks)
/** Within a section, languages have an order of words each. */
const factsBySection = (markdown: string) => markdown.split(/^#+ /m).map(section => directivesIn(section).sort())
/** Without what is alike in each language. */
const wordsOf = (markdown: string) => markdown.replaceAll('[[TO DO:', '').replaceAll(/\{\{.*?\}\}|^::.*$/gm, '')

describe.each(every)('the starter of %s, %s, in %s', (kind, mode, language) => {
  const text = starterText(kind, mode, language)
  const english = starterText(kind, mode, 'en')

  it('has the sections and facts of the English one, in its order', () => {
    expect(headingsOf(text.markdown)).toEqual(headingsOf(english.markdown))
    expect(factsBySection(text.markdown)).toEqual(factsBySection(english.markdown))
    expect(text.highlights).toHaveLength(english.highlights.length)
    expect(text.markdown.split('\n- ')).toHaveLength(english.markdown.split('\n- ').length)
  })

  it('names only facts that there are, blocks on a line of their own', () => {
    expect([
      ...text.markdown.matchAll(/\{\{(.*?)\}\}/g),
    ].map(([, name]) => name).filter(name => !inline.includes(name!))).toEqual([])
    expect([
      ...text.markdown.matchAll(/::(\S*)/g),
    ].map(([, name]) => name).filter(name => !blocks.includes(name!))).toEqual([])
    for (const [index, line] of text.markdown.split('\n').entries()) {
      if (!line.includes('::')) continue
      expect([
        line,
        ...text.markdown.split('\n').slice(index - 1, index + 2),
      ]).toEqual([
        expect.stringMatching(/^::[a-z-]+$/),
        '',
        line,
        expect.stringMatching(/^$/),
      ])
    }
  })

  it('leaves to the operator what nobody else can say, and no more', () => {
    const left = placeholdersIn(text.markdown)
    expect(left).toHaveLength(toDo[kind]! + Number(kind === 'terms' && mode === 'hosted'))
    expect(left.every(each => each.length > 10)).toBe(true)
  })

  it('is all in its language', () => {
    const words = wordsOf([
      text.title,
      text.markdown,
      ...text.highlights.flatMap(each => [each.title, each.sentence]),
    ].join('\n'))
    const many = factLanguages.map(each => [each, words.match(telling[each])?.length ?? 0] as const)
    if (kind !== 'page') expect(many.toSorted((one, other) => other[1] - one[1])[0]![0]).toBe(language)
    for (const paragraph of words.split(/\n(?:- |\n)/)) {
      const [own, others] = [
        paragraph.match(telling[language])?.length ?? 0,
        factLanguages.filter(each => each !== language).map(each => paragraph.match(telling[each])?.length ?? 0),
      ]
      expect([paragraph, own >= Math.max(...others)]).toEqual([paragraph, true])
    }
  })

  it('has no HTML and no pictures, and highlights that fit a card', () => {
    expect(text.markdown).not.toMatch(/<[a-z/!]|!\[/i)
    expect(text.highlights.length).toBeLessThanOrEqual(3)
    for (const { title, sentence } of text.highlights) {
      expect(title.length).toBeLessThanOrEqual(60)
      expect(sentence.length).toBeLessThanOrEqual(200)
      expect(`${title}${sentence}`).not.toMatch(/\{\{|::|\[\[/)
    }
  })
})

describe('the privacy policies', () => {
  it.each(factLanguages)('say of both modes whom they cover and whom not, in %s', (language) => {
    const [own, hosted] = modes.map(mode => starterText('privacy', mode, language))
    const first = ({ markdown }: { markdown: string }) => markdown.split('\n## ')[1]!
    expect(first(own!)).not.toBe(first(hosted!))
    expect(own!.highlights[0]!.sentence).not.toBe(hosted!.highlights[0]!.sentence)
    expect(own!.markdown.split('\n## ').slice(2)).toEqual(hosted!.markdown.split('\n## ').slice(2))
  })

  it('say in English who answers for what', () => {
    const [own, hosted] = modes.map(mode => starterText('privacy', mode, 'en').markdown.replaceAll('\n', ' '))
    expect(own).toContain('we have it under our own control')
    expect(hosted).toContain('It does not cover deployments of the same software that customers or others run on servers of their own')
  })

  it('have their parts in the order that people know', () => {
    expect([
      ...starterText('privacy', 'hosted', 'en').markdown.matchAll(/^## (.*)$/gm),
    ].map(([, title]) => title)).toEqual([
      'Whom this covers',
      'What we collect',
      'How we use it',
      'How we share it',
      'How long we keep it',
      'How we protect it',
      'Your choices and rights',
      'Changes to this policy',
    ])
  })
})

it('in French, no line begins with a sign that belongs to the word before', () => {
  for (const kind of kinds) expect(starterText(kind, 'hosted', 'fr').markdown).not.toMatch(/ [:;?!](?:\s|$)/)
})

describe('placeholdersIn', () => {
  it.each([
    ['none in plain text', 'See [[1]](#note) and `[[x]]`', []],
    [
      'each of several',
      'a [[TO DO: one]] b\n> [[TO DO: two]]',
      ['one', 'two'],
    ],
    [
      'one that lost its end',
      '[[TO DO: half',
      ['half'],
    ],
  ])('finds %s', (_what, text, found) => {
    expect(placeholdersIn(text)).toEqual(found)
  })
})
