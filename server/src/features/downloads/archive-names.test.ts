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
    ['console', 'console'],
    ['a\u0000b\nc\u007F', 'a_b_c_'],
    ['half \uD800', 'half \uFFFD'],
  ])('%j → %j', (name, expected) => {
    expect(portableName(name)).toBe(expected)
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
