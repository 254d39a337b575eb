import { describe, expect, it } from 'vitest'
import { AppError } from '../../errors/app-error.ts'
import { nameKey, numberedName, parseItemName } from './item-name.ts'

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
    ['a right-to-left mark', 'a\u200Fb'],
    ['an Arabic letter mark', 'a\u061Cb'],
    ['a byte order mark', '\uFEFFa'],
    ['half a surrogate pair', 'a\uD800'],
    ['the other half', '\uDC00a'],
    [
      '256 bytes',
      'a'.repeat(256),
    ],
    ['256 bytes of more than one', `${'é'.repeat(127)}ab`],
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
    'é'.repeat(127),
    '__proto__',
  ])('keeps %s', (name) => {
    expect(parseItemName(name).name).toBe(name)
  })

  it('composes what came decomposed', () => {
    expect(parseItemName('e\u0301').name).toBe('é')
    // 255 bytes composed, more before.
    expect(codeOf('e\u0301'.repeat(127))).toBeUndefined()
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

  it('is stable and blind to case for every character', () => {
    const unstable: string[] = []
    for (let code = 0; code < 0x110000; code++) {
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
