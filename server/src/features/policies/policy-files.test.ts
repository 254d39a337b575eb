import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { parsePolicyFile, readPolicyFiles } from './policy-files.ts'

function folderWith(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), 'policy-files-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const head = (fields: Record<string, string> = {}) => Object.entries({
  kind: 'privacy',
  language: 'en',
  title: 'Privacy policy',
  effective: '2027-01-31',
  ...fields,
}).filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`).join('\n')
const file = (fields?: Record<string, string>, text = 'Hello {{organisation}}.') => `---\n${head(fields)}\n---\n${text}\n`

it('reads the texts in a folder, in any order of their front matter, and nothing else in it', async () => {
  const folder = folderWith({
    'privacy.en.md': `\uFEFF---\r\nslug: data-protection\r\nkind: privacy\r\nlanguage: en\r\ntitle: "Privacy: how we do it"\r\neffective: 2027-01-31\r\nsummary: Backups are told\r\nacceptance: explicit\r\nhighlights:\r\n  - title: Whom\r\n    sentence: All of you.\r\n---\r\n\r\nHello.\r\n`,
    'terms.md': file({ kind: 'terms' }),
    '.hidden.md': 'x',
    'README.txt': 'x',
  })
  mkdirSync(join(folder, 'below'))
  writeFileSync(join(folder, 'below', 'x.md'), 'x')
  symlinkSync('terms.md', join(folder, 'zz.txt'))
  const { files, problems } = await readPolicyFiles(folder)
  expect(problems).toEqual([])
  expect(files).toEqual([
    {
      file: 'privacy.en.md',
      kind: 'privacy',
      slug: 'data-protection',
      language: 'en',
      title: 'Privacy: how we do it',
      effectiveOn: '2027-01-31',
      summary: 'Backups are told',
      highlights: [
        { title: 'Whom', sentence: 'All of you.' },
      ],
      acceptance: 'explicit',
      markdown: 'Hello.',
      lines: { markdown: 14, effective: 6 },
    },
    expect.objectContaining({
      file: 'terms.md',
      slug: 'terms',
      summary: '',
      acceptance: 'use',
    }),
  ])
})

it.each<[string, string, number, RegExp]>([
  [
    'no front matter',
    'Hello',
    1,
    /begin with a line of ---/,
  ],
  [
    'front matter without an end',
    `---\n${head()}\nHello`,
    1,
    /another line of ---/,
  ],
  [
    'YAML that breaks off',
    '---\nkind: "privacy\n---\nHello',
    2,
    /no YAML/,
  ],
  [
    'a name twice',
    file({ title: 'A\ntitle: B' }),
    5,
    /no YAML/,
  ],
  [
    'a list for front matter',
    '---\n- a\n---\nHello',
    2,
    /names and values/,
  ],
  [
    'an unknown kind',
    file({ kind: 'law' }),
    2,
    /one of privacy, terms/,
  ],
  [
    'no language',
    file({ language: '' }),
    1,
    /language is missing/,
  ],
  [
    'a language that is none',
    file({ language: '../en' }),
    3,
    /two or three letters/,
  ],
  [
    'a broken date',
    file({ effective: '2027-02-30' }),
    5,
    /a day that exists/,
  ],
  [
    'a date as people write it',
    file({ effective: '31.1.2027' }),
    5,
    /a day that exists/,
  ],
  [
    'an address that leads elsewhere',
    file({ slug: '../x' }),
    6,
    /small letters/,
  ],
  [
    'a title that is a list',
    file({ title: '[a]' }),
    4,
    /title has to be a text/,
  ],
  [
    'a title of two lines',
    file({ title: '"a\\nb"' }),
    4,
    /title cannot contain line breaks/,
  ],
  [
    'a title that reads backwards',
    file({ title: '"abc\\u202Egpj"' }),
    4,
    /title cannot contain characters that change the direction/,
  ],
  [
    'a title that nobody sees',
    file({ title: '"\\u200B"' }),
    4,
    /title is empty/,
  ],
  [
    'a summary that reads backwards',
    file({ summary: 'a\u2067b' }),
    6,
    /summary cannot contain characters that change/,
  ],
  [
    'a highlight that reads backwards',
    file({ highlights: '\n  - title: a\n    sentence: b\u202E' }),
    7,
    /sentence cannot contain characters that change/,
  ],
  [
    'a text that reads backwards',
    file({}, 'a\nb\u202Ec'),
    8,
    /text cannot contain characters that change/,
  ],
  [
    'an address of one letter',
    file({ slug: 'w' }),
    6,
    /two or more small letters/,
  ],
  [
    'a language that nobody speaks',
    file({ language: 'zzz' }),
    3,
    /two or three letters/,
  ],
  [
    'front matter of many names',
    `---\n${Array.from({ length: 20_000 }, (_, index) => `k${index}: v`).join('\n')}\n---\nHello`,
    1,
    /more than 16384 bytes/,
  ],
  [
    'lists in lists, as many as there can be',
    `---\n${'['.repeat(16_000)}\n---\nHello`,
    2,
    /no YAML/,
  ],
  [
    'a title that is too long',
    file({
      title: 'x'.repeat(201),
    }),
    4,
    /more than 200/,
  ],
  [
    'a name that nobody asks for',
    file({ owner: 'Ana' }),
    6,
    /“owner” is nothing/,
  ],
  [
    'a prototype',
    file({ __proto__: 'x', constructor: 'y' }),
    6,
    /“constructor” is nothing/,
  ],
  [
    'four highlights',
    file({ highlights: '[a, b, c, d]' }),
    6,
    /at most three/,
  ],
  [
    'a highlight without a sentence',
    file({ highlights: '\n  - title: a' }),
    7,
    /a title and a sentence/,
  ],
  [
    'a character 0',
    file({}, 'a\n\0'),
    8,
    /text cannot contain control characters/,
  ],
  [
    'no text',
    file({}, '  '),
    6,
    /no text/,
  ],
  [
    'an alias bomb',
    file({ title: '&a x', summary: '*a' }),
    6,
    /summary has to be a text/,
  ],
])('refuses %s, and says on which line', (_what, text, line, says) => {
  const { problems } = parsePolicyFile('x.md', text) as { problems: { line: number, says: string }[] }
  expect(problems[0]).toMatchObject({ file: 'x.md', line })
  expect(problems[0]!.says).toMatch(says)
})

it('leaves out what cannot be read, and reads the rest', async () => {
  const outside = folderWith({
    'secret.md': file(),
  })
  const folder = folderWith({
    'a.md': file(),
    'big.md': Buffer.alloc(5 * 1024 * 1024, 'a'),
    'latin.md': Buffer.from(file({ title: 'Über uns', kind: 'page' }), 'latin1'),
    'utf16.md': Buffer.from(file({ kind: 'page' }), 'utf16le'),
  })
  symlinkSync(join(outside, 'secret.md'), join(folder, 'link.md'))
  symlinkSync('nowhere.md', join(folder, 'gone.md'))
  mkdirSync(join(folder, 'folder.md'))
  const { files, problems } = await readPolicyFiles(folder)
  expect(files.map(each => each.file)).toEqual(['a.md'])
  expect(problems.map(({ file, says }) => [file, says])).toEqual([
    [
      'big.md',
      expect.stringContaining('5242880 bytes'),
    ],
    ['folder.md', 'It is no file.'],
    ['gone.md', 'It cannot be read (ENOENT).'],
    [
      'latin.md',
      expect.stringContaining('not in UTF-8'),
    ],
    [
      'link.md',
      expect.stringContaining('outside of the folder'),
    ],
    [
      'utf16.md',
      expect.stringMatching(/UTF-8|begin with/),
    ],
  ])
})

it('takes links within the folder, as Kubernetes mounts files', async () => {
  const folder = folderWith({})
  mkdirSync(join(folder, '..data'))
  writeFileSync(join(folder, '..data', 'a.md'), file())
  symlinkSync('..data/a.md', join(folder, 'a.md'))
  expect((await readPolicyFiles(folder)).files).toHaveLength(1)
})

it('keeps the languages of a policy together', async () => {
  const { files, problems } = await readPolicyFiles(folderWith({
    '1.md': file(),
    '2.md': file({ language: 'de' }),
    '3.md': file({ title: 'Again' }),
    '4.md': file({ language: 'fr', effective: '2027-02-01' }),
    '5.md': file({ language: 'es', acceptance: 'explicit' }),
    '6.md': file({ kind: 'terms', slug: 'privacy', language: 'it' }),
  }))
  expect(files.map(each => each.file)).toEqual(['1.md', '2.md'])
  expect(problems.map(({ file, line, says }) => [file, line, says])).toEqual([
    [
      '3.md',
      1,
      expect.stringContaining('1.md is the text'),
    ],
    [
      '4.md',
      5,
      expect.stringContaining('effective is another'),
    ],
    [
      '5.md',
      1,
      expect.stringContaining('acceptance is another'),
    ],
    [
      '6.md',
      1,
      expect.stringContaining('kind is another'),
    ],
  ])
})
