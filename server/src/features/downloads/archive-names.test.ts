import { describe, expect, it } from 'vitest'
import { createFolderNames, portableName } from './archive-names.ts'

describe('portableName', () => {
  it.each([
    ['Report Q3.pdf', 'Report Q3.pdf'],
    ['Prüfung 監査 🗂.txt', 'Prüfung 監査 🗂.txt'],
    ['a<b>c:d"e|f?g*h', 'a_b_c_d_e_f_g_h'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['C:\\x', 'C__x'],
    ['..', '__'],
    ['.', '_'],
    ['ends. ', 'ends__'],
    ['', '_'],
    ['CON', '_CON'],
    ['lpt1.txt', '_lpt1.txt'],
    ['con .txt', '_con .txt'],
    ['console', 'console'],
    ['a\u0000b\nc\u007F', 'a_b_c_'],
    ['half \uD800', 'half \uFFFD'],
  ])('%j → %j', (name, expected) => {
    expect(portableName(name, 'file')).toBe(expected)
  })
})

describe('a name that Linux could not take', () => {
  it.each([
    [
      '報'.repeat(251),
      '.pdf',
    ],
    [
      'Ж'.repeat(250),
      '.html',
    ],
    [
      '👩‍👩‍👧'.repeat(31),
      '.png',
    ],
  ])('is cut before its ending: %s%s', (stem, ending) => {
    const cut = portableName(`${stem}${ending}`, 'file')
    const bytes = Buffer.byteLength(cut)
    expect(bytes).toBeLessThanOrEqual(255)
    const [character] = new Intl.Segmenter().segment(stem)
    expect(bytes + Buffer.byteLength(character!.segment)).toBeGreaterThan(255)
    expect([
      cut.endsWith(ending),
      stem.startsWith(cut.slice(0, -ending.length)),
      cut.isWellFormed(),
    ]).toEqual([true, true, true])
  })

  it('is told from another that is alike by a number, which fits too', () => {
    const nameFor = createFolderNames()
    const names = ['報', '告', '書'].map(last => nameFor(`${'報'.repeat(240)}${last}.pdf`, 'file'))
    expect(new Set(names).size).toBe(3)
    expect(names[2]).toMatch(/報 \(3\)\.pdf$/)
    expect(names.filter(name => Buffer.byteLength(name) > 255)).toEqual([])
  })

  it('of a folder has no ending, and does not end with a dot where it is cut', () => {
    expect(portableName(`${'é'.repeat(126)}..${'é'.repeat(20)}`, 'folder')).toBe('é'.repeat(126))
  })
})

describe('the names of one folder', () => {
  it('are numbered when they became alike, also where case does not count', () => {
    const nameFor = createFolderNames()
    expect([
      nameFor('a?.txt', 'file'),
      nameFor('a*.txt', 'file'),
      nameFor('A_.TXT', 'file'),
      nameFor('a_.txt', 'folder'),
      nameFor('b', 'file'),
    ])
      .toEqual([
        'a_.txt',
        'a_ (2).txt',
        'A_ (3).TXT',
        'a_.txt (2)',
        'b',
      ])
  })

  it('are found in little time for thousands that became alike', () => {
    // Where each name tried the numbers of all before it, this would take longer than a test may; the whole server stands still meanwhile.
    const COUNT = 100_000
    const nameFor = createFolderNames()
    const characters = '<>:"|?*'
    const names = Array.from({ length: COUNT }, (_, i) => nameFor([
      ...i.toString(7).padStart(8, '0'),
    ].map(digit => characters[Number(digit)]).join(''), 'file'))
    expect(new Set(names).size).toBe(COUNT)
  })
})
