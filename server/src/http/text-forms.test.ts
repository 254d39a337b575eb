import type { Writing } from './text-forms.ts'
import { describe, expect, it } from 'vitest'
import { faultOf, isVisible } from './text-forms.ts'

const everywhere = [
  ['half of a surrogate pair', 'a\uD800', 'half of a character'],
  ['the other half', '\uDC00a', 'half of a character'],
  ['NUL', 'a\0', 'control characters'],
  ['DEL', 'a\u007F', 'control characters'],
  ['a C1 control', 'a\u0085b', 'control characters'],
  ...[
    '\u202A',
    '\u202B',
    '\u202C',
    '\u202D',
    '\u202E',
    '\u2066',
    '\u2067',
    '\u2068',
    '\u2069',
  ].map(character => [
    `U+${character.codePointAt(0)!.toString(16)}`,
    `Al${character}`,
    'direction of the text',
  ] as const),
] as const

it.each([
  ['a soft hyphen', 'ana@exam\u00ADple.com', 'that nobody sees'],
  ['a space of no width', 'a\u200Bna@example.com', 'that nobody sees'],
  ['a dot at its end', 'ana@example.com.', 'end with a dot'],
  ['a line break', 'ana@example.com\nx', 'line breaks'],
  ['a letter that is compared as another', 'ⓥictim@corp.example', 'mail can be sent to'],
  ['a quoted mailbox', '"ana"@example.com', 'mail can be sent to'],
])('an address cannot contain %s', (_what, text, fault) => {
  expect(faultOf(text, 'address')).toContain(fault)
})

describe.each<Writing>(['line', 'name', 'text'])('a %s', (as) => {
  it.each(everywhere)('cannot contain %s', (_what, text, fault) => {
    expect(faultOf(text, as)).toContain(fault)
  })

  it.each([
    'Al',
    'חוזה\u200F',
    'عقد\u061C',
    '👩‍👩‍👧',
    'नमस्ते',
    'zero\u200Bwidth',
    '',
  ])('can be %j', (text) => {
    expect(faultOf(text, as)).toBeUndefined()
  })
})

it('has line ends and tabs only where it is a text', () => {
  for (const text of [
    'a\nb',
    'a\r\nb',
    'a\tb',
    'a\u2028b',
    'a\u2029b',
  ]) {
    expect(faultOf(text, 'text')).toBeUndefined()
    expect(faultOf(text, 'line')).toContain('line breaks')
    expect(faultOf(text, 'name')).toContain('line breaks')
  }
})

it('is seen only where something of it is drawn', () => {
  for (const text of [
    ' ',
    '\u00AD',
    '\u200B',
    '\u3164',
    '\u2800',
    '\u2800 \u2800',
    '\u{1D159}',
  ]) {
    expect([
      text,
      isVisible(text),
    ]).toEqual([text, false])
  }
  for (const text of [
    '\u2801',
    'a\u2800',
    '👩‍👩‍👧',
    '\u{1D157}',
  ]) {
    expect([
      text,
      isVisible(text),
    ]).toEqual([text, true])
  }
})
