import { describe, expect, it } from 'vitest'
import { fileType } from './file-type.ts'
import { findPictures, renderMarkdown } from './markdown.ts'
import { passwordStrength } from './password-strength.ts'
import { initials, personHue } from './person.ts'
import { safeNext } from './safe-next.ts'
import { slugify } from './slug.ts'

describe('safeNext', () => {
  it.each(['/', '/w/acme/files?sort=name#top'])('goes on to %s', path => expect(safeNext(path)).toBe(path))
  it.each([
    '//evil.test',
    '/\\evil.test',
    'https://evil.test',
    'javascript:alert(1)',
    '',
    undefined,
    ['/a'],
  ])('never to %s', path => expect(safeNext(path)).toBe('/'))
})

describe('slugify', () => {
  it.each([
    ['Acme & Söhne GmbH', 'acme-soehne-gmbh'],
    ['  Café Ærø ', 'cafe-aeroe'],
    ['北京', ''],
    [
      'a'.repeat(60),
      'a'.repeat(48),
    ],
    [
      `${'a'.repeat(47)} b`,
      'a'.repeat(47),
    ],
  ])('%s', (name, slug) => expect(slugify(name)).toBe(slug))
})

describe('passwordStrength', () => {
  it.each([
    ['', 'empty'],
    ['Tr0ub4dor&3', 'short'],
    ['aaaaaaaaaaaaaaaa', 'weak'],
    ['123456789012345', 'weak'],
    ['abcabcabcabcabc', 'weak'],
    ['violet ladder moss', 'fair'],
    ['violet ladder moss kettle burn', 'strong'],
  ] as const)('%s is %s', (password, strength) => expect(passwordStrength(password)).toBe(strength))
  it('does not count what others know', () => expect(passwordStrength('borealis-2026!', ['Borealis'])).toBe('weak'))
})

describe('people', () => {
  it.each([
    ['Ana María Ruiz', 'AR'],
    ['j.meyer@borealis.test', 'JM'],
    ['ada', 'A'],
    ['', ''],
    ['🦊 Fox', '🦊F'],
  ])('%s', (name, letters) => expect(initials(name)).toBe(letters))
  it('gives everyone a hue of their own', () => {
    expect(personHue('a')).toBe(personHue('a'))
    expect(new Set(['a', 'b', 'c', 'd', 'e'].map(personHue)).size).toBe(5)
  })
})

describe('fileType', () => {
  it('goes by the name, then by the type', () => {
    expect(fileType({ name: 'Plan.XLSX', mediaType: 'application/octet-stream' }).icon).toBe('i-lucide-file-spreadsheet')
    expect(fileType({ name: 'scan', mediaType: 'image/png' }).icon).toBe('i-lucide-file-image')
    expect(fileType({ name: 'x.constructor', mediaType: null }).icon).toBe('i-lucide-file')
    expect(fileType({ name: 'Audit.pdf', kind: 'folder' }).icon).toBe('i-lucide-folder')
  })
})

describe('renderMarkdown', () => {
  it('lets no HTML, script link or picture through', () => {
    const source = '<script>x</script> <b>y</b> [a](javascript:alert(1)) [b](data:text/html,x) [d](//evil.test) [e](\\\\evil.test) ![c <i>](https://evil.test/p.png)'
    const html = renderMarkdown(source)
    expect(html).not.toMatch(/<(?:script|b|img|i)\b|href="(?:javascript|data|\/\/|\\)/)
    expect(html).toContain('c &lt;i&gt;')
    expect(findPictures(source)).toEqual(['c <i>'])
  })

  it('marks links that lead away, and keeps those to the web, to mail, to telephones and within', () => {
    expect(renderMarkdown('[a](https://example.test) <x@example.test>')).toBe('<p dir="auto"><a href="https://example.test" rel="noopener nofollow">a</a> <a href="mailto:x@example.test" rel="noopener nofollow">x@example.test</a></p>\n')
    expect(renderMarkdown('[a](tel:+4930123456) [b](#data-we-keep) [c](/policies/terms) [d](terms)')).toBe('<p dir="auto"><a href="tel:+4930123456" rel="noopener nofollow">a</a> <a href="#data-we-keep">b</a> <a href="/policies/terms">c</a> <a href="terms">d</a></p>\n')
  })

  it.each([
    ['# a\n\n## b\n\n# c', 'h2 h3 h2'],
    ['## a\n\n### b\n\n## c', 'h2 h3 h2'],
    ['# a\n\n#### b\n\n## c\n\n###### d', 'h2 h3 h3 h4'],
    ['### a\n\n# b\n\n## c', 'h2 h2 h3'],
    [
      [
        '#',
        '##',
        '###',
        '####',
        '#####',
        '######',
      ].map(level => `${level} a`).join('\n\n'),
      'h2 h3 h4 h5 h6 h6',
    ],
  ])('puts headings below the page’s own, and leaves no level out: %j', (source, levels) => {
    expect(Array.from(renderMarkdown(source).matchAll(/<(h\d)/g), match => match[1]).join(' ')).toBe(levels)
  })

  it('gives headings places to link to, each its own', () => {
    expect(renderMarkdown('# Data we keep\n\n# Über *uns*\n\n# Data, we keep\n\n# …', { anchors: true }).match(/id="[^"]*"/g)).toEqual([
      'id="data-we-keep"',
      'id="über-uns"',
      'id="data-we-keep-2"',
      'id="section"',
    ])
  })

  it('tells each cell its column, and that a table is one', () => {
    const html = renderMarkdown('| Kind | **How** long |\n|---|---|\n| Logs | 30 days |\n| Mail | a year |')
    expect(html.match(/data-label="[^"]*"/g)).toEqual([
      'data-label="Kind"',
      'data-label="How long"',
      'data-label="Kind"',
      'data-label="How long"',
    ])
    expect(html.match(/role="[^"]*"/g)).toHaveLength(1 + 2 + 3 + 2 + 4)
  })
})
