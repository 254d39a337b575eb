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

describe('what people wrote', () => {
  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '\'"&<b>',
    '{{7*7}} #{7*7} <%= 7*7 %>',
  ])('is text in a mail, whatever it is: %s', (name) => {
    const { html, text, subject } = render(name)
    // Nothing but what every mail has.
    const tags = (of: string) => [
      ...of.matchAll(/<\/?[a-z][^\s>]*/gi),
    ].map(String)
    expect(tags(html)).toEqual(tags(render('Ana').html))
    expect(html).not.toMatch(/<[^>]+\son\w+=/i)
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
    expect(addresses).toEqual([
      'https://files.example.com/read?by=Ana%20%26%20Ben&amp;x=1',
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
    expect(() => render('Ana', Array.from({ length: 200 }, () => 'x'.repeat(400)))).toThrow(/more than 61440/)
    expect(() => render(1 as never)).toThrow(/do not fit/)
  })

  it('has lines that any program shows, and addresses on one line', () => {
    const { text } = render('word '.repeat(60).trim())
    expect(Math.max(...text.split('\n').filter(line => !line.includes('://')).map(({ length }) => length))).toBeLessThanOrEqual(76)
    expect(text).toMatch(/^https:\/\/files\.example\.com\/read\S+$/m)
  })

  it('is in the first language that there is', () => {
    expect([
      mailLanguageOf('fr', 'de-AT'),
      mailLanguageOf(null, undefined),
      mailLanguageOf('en'),
    ]).toEqual(['de', 'en', 'en'])
  })
})

describe.each([
  ...mailDefinitions.values(),
])('$name', (definition) => {
  it.each(mailLanguages)('says all of it in %s, in text and HTML alike', (language) => {
    const { subject, text, html } = renderMail(definition, {
      ...definition.sample,
      language,
      sender: 'Borealis',
      publicUrl: 'https://files.example.com',
    })
    expect(subject).not.toBe('')
    const words = html.replace(/^[\s\S]*<body/, '').replaceAll(/<[^>]*>/g, ' ').replaceAll('&amp;', '&').replaceAll(/&#39;/g, '\'').split(/\s+/)
    const missing = text.split(/\s+/).filter(word => !['--', '-', ''].includes(word) && !words.some(each => word.startsWith(each) && each !== ''))
    expect(missing).toEqual([])
    expect(html).toContain(`<html lang="${language}">`)
    expect(Buffer.byteLength(text + html)).toBeLessThan(60 * 1024)
  })
})
