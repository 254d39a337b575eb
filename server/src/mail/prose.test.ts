import { expect, it } from 'vitest'
import { proseAsHtml, proseAsText } from './prose.ts'

const URL = 'https://files.example.com'

it('lets no HTML, picture or address through that leads to a program, and shows the words', () => {
  const hostile = '<script>x</script> <img src=x onerror=y> ![a picture](https://evil.example/p.png) [a](javascript:alert(1)) [b](//evil.example) [d](data:text/html,x) {{7*7}}'
  const html = proseAsHtml(hostile, URL)
  expect(html).not.toMatch(/<(?:script|img)|href/)
  expect(html).toContain('&lt;script&gt;')
  expect(html).toContain('a picture')
  expect(html).toContain('{{7*7}}')
})

it('says the same in text: lists, tables, where a link leads', () => {
  const markdown = '# What\n\nSee **[the page](/policies/terms)** or https://example.org/x.\n\n1. One\n2. Two\n   - Deep\n\n> Quoted\n\n| Day | Time |\n| --- | --- |\n| Sat | 8 |\n'
  expect(proseAsText(markdown, URL)).toBe('What\n\nSee the page (https://files.example.com/policies/terms) or https://example.org/x.\n\n1. One\n2. Two\n  - Deep\n\nQuoted\n\nDay | Time\nSat | 8')
  const html = proseAsHtml(markdown, URL)
  expect(html).toContain('href="https://files.example.com/policies/terms"')
  expect(html).toContain('>What</h2>')
})
