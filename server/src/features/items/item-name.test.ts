import { describe, expect, it } from 'vitest'
import { isSoak } from '../../../test/soak.ts'
import { AppError } from '../../errors/app-error.ts'
import { nameKey, numberedName, parseItemName, searchText, searchWords } from './item-name.ts'

/** All of them in the soak; in the gate all letters of the scripts that have a case or accents, and one in so many of the others. */
const stride = (code: number) => isSoak || code < 0x2000
  ? 1
  : 31

function codeOf(name: string): string | undefined {
  try {
    parseItemName(name)
    return undefined
  }
  catch (error) {
    return error instanceof AppError
      ? error.code
      : String(error)
  }
}

describe('parseItemName', () => {
  it.each([
    ['nothing', ''],
    ['spaces', '   '],
    ['only what nobody sees', '\u200B\u2060'],
    ['the folder itself', '.'],
    ['the folder above', '..'],
    ['a way up', '../secret'],
    ['a way up on Windows', '..\\secret'],
    ['a path', 'a/b'],
    ['NUL', 'a\0.txt'],
    ['a line break', 'a\nb'],
    ['a C1 control', 'a\u0085b'],
    ['DEL', 'a\u007F'],
    ['a line separator', 'a\u2028b'],
    ['a right-to-left override', 'invoice\u202Efdp.exe'],
    ['an isolate', 'a\u2066b'],
    ['only marks of direction', '\u200F\u200E'],
    ['a byte order mark', '\uFEFFa'],
    ['half a surrogate pair', 'a\uD800'],
    ['the other half', '\uDC00a'],
    [
      '256 units',
      'a'.repeat(256),
    ],
    [
      '256 units in pairs',
      '😀'.repeat(128),
    ],
    [
      'a name whose key would not fit into an index',
      '\uFDFA'.repeat(80),
    ],
    ['a leading space', ' a'],
    ['a trailing space', 'a '],
    ['a trailing dot', 'a.'],
    ['a trailing ideographic space', 'a\u3000'],
    ['a device', 'CON'],
    ['a device in small letters', 'nul'],
    ['a numbered device', 'Com1'],
    ['a device with a superscript', 'LPT²'],
    ['a console', 'conin$'],
  ])('refuses %s', (_what, name) => {
    expect(codeOf(name)).toBe('item.name_invalid')
  })

  it.each([
    '.bashrc',
    '..a',
    'a..b',
    'aux.c',
    'con.txt',
    'console',
    'com10',
    'Makefile~',
    'a:b',
    'what?',
    'libstdc++.so.6',
    '*.md',
    'say "hi" <now>|then',
    'a\'b;c&d$e`f',
    '日本語.txt',
    'عربي.pdf',
    '👩‍👩‍👧.png',
    'a b',
    '-rf',
    '%2e%2e%2f',
    'a'.repeat(255),
    'Ж'.repeat(255),
    '報'.repeat(255),
    `${'😀'.repeat(127)}a`,
    'ß'.repeat(255),
    'con .txt',
    '__proto__',
  ])('keeps %s', (name) => {
    expect(parseItemName(name).name).toBe(name)
  })

  it('composes what came decomposed', () => {
    expect(parseItemName('e\u0301').name).toBe('é')
    // 255 composed, more before.
    expect(codeOf('e\u0301'.repeat(255))).toBeUndefined()
  })

  it('drops the marks that keyboards for Hebrew and Arabic leave', () => {
    expect(parseItemName('חוזה\u200F.pdf\u200E').name).toBe('חוזה.pdf')
    expect(parseItemName('\u061Cعقد').name).toBe('عقد')
  })

  it.each([
    ['a dot at its end', 'Entwurf.', 'Entwurf'],
    ['a space at its beginning', ' Final', 'Final'],
    ['both, and spaces that nobody sees', '\u00A0Final .\u3000', 'Final'],
    ['a way up', '../secret', '.._secret'],
    ['a control character', 'a\u0007b', 'a b'],
    ['an override', 'invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['half a character', 'a\uD800b', 'a_b'],
    ['a device', 'nul', 'nul_'],
    ['too much', `${'a'.repeat(300)}.txt`, `${'a'.repeat(251)}.txt`],
    ['dots', '...', null],
    ['nothing', '', null],
  ])('offers a name for one with %s', (_what, name, suggestedName) => {
    expect(() => parseItemName(name)).toThrow(expect.objectContaining({
      extra: { suggestedName },
    }))
  })

  it('points at the field that is wrong', () => {
    expect(() => parseItemName('', '/folder/name')).toThrow(expect.objectContaining({
      fields: [
        {
          pointer: '/folder/name',
          detail: expect.any(String),
        },
      ],
    }))
  })
})

describe('nameKey', () => {
  it.each([
    ['case', 'Report.PDF', 'rEPORT.pdf'],
    ['composition', 'é', 'e\u0301'],
    ['a ligature', 'ﬁle', 'file'],
    ['sharp s', 'Straße', 'STRASSE'],
    ['capital sharp s', 'STRAẞE', 'straße'],
    ['long s', 'ſ', 'S'],
    ['final sigma', 'ΟΔΟΣ', 'οδος'],
    ['sigma in the middle', 'ς', 'σ'],
    ['the Kelvin sign', '\u212A', 'k'],
    ['full width', 'ＡＢＣ', 'abc'],
    ['Greek with a subscript', 'ᾳ', 'αι'],
    ['what nobody sees', 'pay\u200Bload', 'payload'],
    ['how an emoji is drawn', '❤\uFE0F', '❤'],
    ['Cherokee', 'Ꭰ', 'ꭰ'],
  ])('makes no difference of %s', (_what, a, b) => {
    expect(nameKey(a)).toBe(nameKey(b))
  })

  it.each([
    ['dotless i', 'ılık', 'ilik'],
    ['capital I with a dot', 'İ', 'I'],
    ['accents', 'resume', 'resumé'],
    ['white space', 'a b', 'ab'],
    ['letters of another script', 'a', 'а'],
  ])('tells %s apart', (_what, a, b) => {
    expect(nameKey(a)).not.toBe(nameKey(b))
  })

  it('is stable and blind to case for every character (some in the gate)', () => {
    const unstable: string[] = []
    for (let code = 0; code < 0x110000; code += stride(code)) {
      if (code >= 0xD800 && code < 0xE000) continue
      const letter = String.fromCodePoint(code)
      const key = nameKey(letter)
      if (nameKey(key) !== key) unstable.push(letter)
      // The upper case of ı is I, which is another letter's.
      else if (letter !== 'ı' && (nameKey(letter.toUpperCase()) !== key || nameKey(letter.toLowerCase()) !== key)) unstable.push(letter)
    }
    expect(unstable).toEqual([])
  })
})

describe('searchText', () => {
  it.each([
    ['case', 'Report.PDF', 'rEPORT.pdf'],
    ['accents', 'Résumé Ångström', 'resume angstrom'],
    ['accents of capitals that came decomposed', 'E\u0301COLE', 'ecole'],
    ['sharp s', 'Straße', 'STRASSE'],
    ['the final sigma and its accent', 'λόγος', 'ΛΟΓΟΣ'],
    ['the final sigma', 'λογος', 'λογοσ'],
    [
      'whether a word ends behind a sigma',
      'λόγος',
      searchText('λόγος.pdf').slice(0, 5),
    ],
    ['the dot of a Turkish capital', 'İSTANBUL', 'istanbul'],
    ['no dot', 'ışık', 'isik'],
    ['a capital of the letter without a dot', 'IŞIK', 'ışık'],
    ['strokes', 'Łódź Ørsted', 'lodz orsted'],
    ['joined letters', 'Œuvre æble', 'oeuvre aeble'],
    ['short i and yo', 'Ёлка й', 'елка и'],
    ['Hebrew points', 'שָׁלוֹם', 'שלום'],
    ['Arabic vowels', 'مُحَمَّد', 'محمد'],
    ['full width', 'ＡＢＣ', 'abc'],
    ['composition of Hangul', '각', '\u1100\u1161\u11A8'],
  ])('makes no difference of %s', (_what, a, b) => {
    expect(searchText(a)).toBe(searchText(b))
  })

  it.each([
    ['kana with a voice mark', 'が', 'か'],
    ['vowels of Indic scripts', 'कि', 'कु'],
    ['letters of another script', 'a', 'а'],
  ])('tells %s apart', (_what, a, b) => {
    expect(searchText(a)).not.toBe(searchText(b))
  })

  it('is stable for every character (some in the gate)', () => {
    for (let plane = 0; plane < 0x110000; plane += 0x800 * stride(plane)) {
      if (plane === 0xD800) continue
      const text = searchText(Array.from({ length: 0x800 }, (_, code) => String.fromCodePoint(plane + code)).join('\n'))
      expect(searchText(text)).toBe(text)
    }
  })

  it('has words, none where nothing is visible', () => {
    expect(searchWords(' Annual\u3000RÉPORT ')).toEqual(['annual', 'report'])
    expect(searchWords('\u200B \u2060')).toEqual([])
  })
})

describe('numberedName', () => {
  it.each([
    ['Report.pdf', 'file', 'Report (2).pdf'],
    ['Makefile', 'file', 'Makefile (2)'],
    ['.bashrc', 'file', '.bashrc (2)'],
    ['v1.2', 'folder', 'v1.2 (2)'],
    ['archive.tar.gz', 'file', 'archive.tar (2).gz'],
  ] as const)('puts the number into %s (a %s)', (name, kind, expected) => {
    expect(numberedName(name, 2, kind)).toBe(expected)
  })

  it('stays within the limit, without cutting a character in two', () => {
    for (const name of [
      `${'a'.repeat(251)}.txt`,
      `${'😀'.repeat(62)}.png`,
      `a.${'b'.repeat(253)}`,
      `.${'é'.repeat(127)}`,
    ]) {
      const numbered = numberedName(name, 12_345, 'file')
      expect(parseItemName(numbered).name).toBe(numbered)
      expect(numbered).toContain('(12345)')
    }
  })
})
