import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { mailDefinitions } from '../mails.ts'
import { defineMail, mailLanguageOf, mailLanguages } from './define-mail.ts'
import { cleanData, cleanLine, renderMail } from './render-mail.ts'

const news = defineMail({
  name: 'news.test',
  essential: false,
  data: {
    name: Type.String(),
    list: Type.Array(Type.String()),
  },
  secrets: {
    unsubscribePath: Type.String(),
  },
  sample: {
    data: { name: 'Ana', list: [] },
    secrets: { unsubscribePath: '/unsubscribe/x' },
  },
  words: {
    en: ({ name, list }) => ({
      subject: `${name} wrote`,
      heading: name,
      paragraphs: [`${name} wrote to you.`, ...list],
      action: { label: `Read what ${name} wrote`, path: `/read?by=${encodeURIComponent(name)}&x=1` },
      facts: [
        ['Who', name],
      ],
      reason: `Because ${name} wrote.`,
    }),
    de: () => ({
      subject: '',
      heading: '',
      paragraphs: [],
      reason: '',
    }),
  },
})

const render = (name: string, list: string[] = []) => renderMail(news as never, {
  data: { name, list },
  secrets: { unsubscribePath: '/unsubscribe/token' },
  language: 'en',
  sender: name,
  publicUrl: 'https://files.example.com',
})

/** Each tag with the names of its attributes. */
const tagsOf = (html: string) => html.replaceAll(/="[^"]*"/g, '').match(/<[^>]*>/g)

describe('what people wrote', () => {
  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '\'"&<b>',
    '{{7*7}} #{7*7} <%= 7*7 %>',
  ])('is text in a mail, whatever it is: %s', (name) => {
    const { html, text, subject } = render(name)
    // Nothing but what every mail has.
    expect(tagsOf(html)).toEqual(tagsOf(render('Ana').html))
    expect([subject, text]).toEqual([
      `${name} wrote`,
      expect.stringContaining(`${name} wrote to you.`),
    ])
    expect(html + text).not.toContain('49')
  })

  it('is one line without what hides or turns it round', () => {
    for (const name of [
      'Ana\r\nBcc: eve@example.com',
      'Ana\u2028Bcc: eve@example.com',
      '\u202EAna Bcc: eve@example.com\u202C',
      'Ana \0 Bcc: eve@example.com',
    ]) {
      const { subject, text } = render(name)
      expect(subject.replaceAll('\u2060', '')).toBe('Ana Bcc: eve@example.com wrote')
      expect(text).not.toMatch(/^Bcc:|[\u202A-\u202E\0]/m)
    }
    expect(cleanLine('half \uD800 of it')).toBe('half \uFFFD of it')
    // What belongs to writing stays.
    expect(cleanLine('👩‍👧 می‌خواهم')).toBe('👩‍👧 می‌خواهم')
  })

  it('is no address that a program for mail makes a link of, and the same when it is cleaned once more', () => {
    for (const name of [
      'Win at https://evil.example/now',
      'Win at www.evil.example',
      'evil.example',
      'win@evil.example or',
      'evil\u3002example',
    ]) {
      const { subject, text, html } = render(name)
      expect((subject + text + html).replaceAll('https://files.example.com', '').replaceAll(/\/read\?by=\S+/g, '')).not.toMatch(/:\/\/evil|www\.|evil[.\u3002]example|win@/)
      expect(cleanData({}, {
        name: [
          cleanLine(name),
        ],
      })).toEqual({
        name: [
          cleanLine(name),
        ],
      })
    }
  })

  it('is cut when it is long', () => {
    const { subject, text, html } = render('x'.repeat(10_000))
    expect(subject).toHaveLength(200)
    expect(text.length + html.length).toBeLessThan(20_000)
  })
})

describe('a mail', () => {
  it('leads to PUBLIC_URL alone, shows nothing from elsewhere, and runs nothing', () => {
    const { html } = render('Ana & Ben')
    const addresses = [
      ...html.matchAll(/(?:href|src|url|background)\s*[=(]\s*["']?([^"')>\s]+)/g),
    ].map(([, url]) => url)
    const action = 'https://files.example.com/read?by=Ana%20%26%20Ben&amp;x=1'
    expect(addresses).toEqual([
      action,
      action,
      'https://files.example.com',
      'https://files.example.com/unsubscribe/token',
    ])
    expect(html).not.toMatch(/<(?:img|script|link|iframe|form|object|video)\b/i)
    expect(html).toContain('prefers-color-scheme:dark')
  })

  it('that is not essential says where it can be stopped', () => {
    const { text, unsubscribeUrl } = render('Ana')
    expect(unsubscribeUrl).toBe('https://files.example.com/unsubscribe/token')
    expect(text).toContain('No more mails of this kind:\nhttps://files.example.com/unsubscribe/token')
    expect(() => defineMail({ ...news, data: {}, secrets: {} } as never)).toThrow('unsubscribePath')
  })

  it('is refused when it is too large or not what its template asks for', () => {
    expect(() => render('Ana', Array.from({ length: 2000 }, () => 'x'.repeat(400)))).toThrow(/more than 61440/)
    expect(() => render(1 as never)).toThrow(/do not fit/)
  })

  it('of many long names has each of them cut, rather than being refused', () => {
    const { text, html } = render('Ana', Array.from({ length: 100 }, () => '"'.repeat(400)))
    expect(text).toContain(`\n${'"'.repeat(39)}…\n`)
    expect(Buffer.byteLength(text + html)).toBeLessThan(60 * 1024)
  })

  it('shows in a list what its heading does not say, and for a screen reader has a language, one heading and a table of facts alone', () => {
    const { html } = render('Ana')
    expect(html).toMatch(/<div style="display:none[^"]*">Ana wrote to you\.&#847;/)
    expect(html).toContain('<div role="article" aria-roledescription="e-mail" aria-label="Ana wrote" lang="en" dir="ltr">')
    expect(html.match(/<h1/g)).toHaveLength(1)
    expect(html.match(/<table(?! role="presentation")/g)).toHaveLength(1)
    expect(html).toMatch(/<th scope="row"[^>]*>Who<\/th><td dir="auto"[^>]*>Ana<\/td>/)
  })

  it('has its sender’s first letter as a sign, and none where a name has no letter', () => {
    const signOf = (name: string) => /<td aria-hidden="true"[^>]*>([^<]*)</.exec(render(name).html)?.[1]
    expect([
      'éclair & Co',
      '{{7*7}}',
      '…',
    ].map(signOf)).toEqual(['É', '7', undefined])
  })

  it('has lines that any program shows, and addresses on one line', () => {
    const { text } = render('word '.repeat(60).trim())
    expect(Math.max(...text.split('\n').filter(line => !line.includes('://')).map(({ length }) => length))).toBeLessThanOrEqual(76)
    expect(text).toMatch(/^https:\/\/files\.example\.com\/read\S+$/m)
  })

  it.each([
    ['en', 'Europe/Berlin', '1 December 2026 at 00:48 CET'],
    ['de', 'Europe/Berlin', '1. Dezember 2026 um 00:48 MEZ'],
    ['en', null, '30 November 2026 at 23:48 UTC'],
    ['de', 'No/Where', '30. November 2026 um 23:48 UTC'],
  ] as const)('says times in %s by the clock of whoever gets it (%s)', (language, timeZone, time) => {
    const { text } = renderMail(defineMail({
      name: 'times.test',
      essential: true,
      data: {},
      secrets: {},
      sample: { data: {}, secrets: {} },
      words: {
        en: (_data, { when }) => ({
          subject: 's',
          heading: 'h',
          paragraphs: [
            when('2026-11-30T23:48:00.000Z'),
          ],
          reason: 'r',
        }),
        de: (_data, { when }) => ({
          subject: 's',
          heading: 'h',
          paragraphs: [
            when('2026-11-30T23:48:00.000Z'),
          ],
          reason: 'r',
        }),
      },
    }) as never, {
      data: {},
      secrets: {},
      language,
      sender: 'Borealis',
      publicUrl: 'https://files.example.com',
      timeZone,
    })
    expect(text).toContain(time)
  })

  it('is in the first language that there is', () => {
    expect([
      mailLanguageOf('fr', 'de-AT'),
      mailLanguageOf(null, undefined),
      mailLanguageOf('en'),
    ]).toEqual(['de', 'en', 'en'])
  })
})

const frame = { sender: 'Borealis', publicUrl: 'https://files.example.com' }

describe.each([
  ...mailDefinitions.values(),
])('$name', (definition) => {
  /** The sample with another text wherever people may have written one. */
  const sampleWith = (text: string, times = 1) => ({
    ...definition.sample,
    data: written(definition.data, definition.sample.data, { text, times, prose: definition.prose }) as object,
  })
  it.each(mailLanguages)('says all of it in %s, in text and HTML alike', (language) => {
    const { subject, text, html } = renderMail(definition, {
      ...definition.sample,
      ...frame,
      language,
    })
    expect(subject).not.toBe('')
    const words = html.replace(/^[\s\S]*<body/, '').replaceAll(/<[^>]*>/g, ' ').replaceAll('&amp;', '&').replaceAll(/&#39;/g, '\'').split(/\s+/)
    const missing = text.split(/\s+/).filter(word => !['--', '-', ''].includes(word) && !words.some(each => word.startsWith(each) && each !== ''))
    expect(missing).toEqual([])
    expect(html).toContain(`<html lang="${language}">`)
    // One thing to do, where it is not on the page that waits for the code, and every address leads to this server or is an operator's own.
    expect(html.match(/<a class="fill"/g) ?? []).toHaveLength(definition.name === 'mail.test' || definition.name === 'auth.email-code'
      ? 0
      : 1)
    expect(Buffer.byteLength(text + html)).toBeLessThan(20 * 1024)
  })

  it.each(mailLanguages)('has at most 60 kB in %s, whatever the names in it are', (language) => {
    for (const text of [
      '"',
      '\u{1F469}\u200D\u{1F467}',
      'ß',
      'word ',
    ].map(sign => sign.repeat(600))) {
      const { subject, text: plain, html } = renderMail(definition, {
        ...sampleWith(text, 20),
        ...frame,
        language,
        sender: text,
      })
      expect(Buffer.byteLength(plain + html)).toBeLessThanOrEqual(60 * 1024)
      expect([...subject].length).toBeLessThanOrEqual(200)
    }
  })

  it.each(mailLanguages)('takes any name for a name in %s', (language) => {
    const tame = renderMail(definition, {
      ...sampleWith('Ana'),
      ...frame,
      language,
      sender: 'Ana',
    })
    for (const name of hostileNames) {
      const { subject, text, html } = renderMail(definition, {
        ...sampleWith(name),
        ...frame,
        language,
        sender: name,
      })
      expect(tagsOf(html), name).toEqual(tagsOf(tame.html))
      expect(html, name).not.toMatch(/href="(?!https:\/\/files\.example\.com|mailto:support@)/i)
      expect(html + text, name).not.toContain('49')
      expect(subject + text + html, name).not.toMatch(/[\u202A-\u202E\u2066-\u2069\0]|:\/\/evil/)
      expect(subject + text, name).not.toMatch(/[\r\u2028]/)
      expect(subject, name).not.toContain('\n')
    }
  })
})

const hostileNames = [
  '<script>alert(1)</script>',
  'A</td></table>"><img src=x onerror=alert(1)>',
  '{{7*7}} #{7*7} <%= 7*7 %>',
  'Ana\r\nBcc: eve@evil.example\r\nContent-Type: text/html\r\n\r\n<h1>x</h1>',
  'Ana\u2028Bcc: eve@evil.example',
  '\u202Eana\u202C \u2067\u05D0\u05D1\u05D2\u2069 \0',
  '\u05D0\u05D1\u05D2 \u0645\u0631\u062D\u0628\u0627',
  'https://evil.example/now',
  'a" href="javascript:alert(1)',
  `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(57)}.de`,
]

/** Strings in a sample that are no choice among few, no time, no type of event and no Markdown become another; a list gets so many of its first. */
function written(schema: object, sample: unknown, to: { text: string, times: number, prose?: string }): unknown {
  const { type, format, properties = {}, items, enum: choices, anyOf = [] } = schema as { type?: string, format?: string, properties?: Record<string, object>, items?: object, enum?: unknown[], anyOf?: object[] }
  if (sample === null || choices !== undefined || format !== undefined) return sample
  if (typeof sample === 'string') {
    return type === 'string' || anyOf.some(each => 'type' in each && each.type === 'string' && !('const' in each))
      ? to.text
      : sample
  }
  if (Array.isArray(sample)) {
    return Array.from({
      length: Math.max(sample.length, to.times),
    }, (_, n) => written(items!, sample[n % sample.length], to))
  }
  if (typeof sample !== 'object') return sample
  return Object.fromEntries(Object.entries(sample).map(([name, value]) => [
    name,
    name === 'type' || name === to.prose
      ? value
      : written(properties[name]!, value, to),
  ]))
}
