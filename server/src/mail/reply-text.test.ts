import { expect, it } from 'vitest'
import { answerOf, textOfHtml } from './reply-text.ts'

const quoted = [
  '> ✂ Please write above this line',
  '>',
  '> Hello, what is your question?',
]

it.each([
  [
    'a mail without a quote',
    ['Yes.', '', '42: as I said:'],
    'Yes.\n\n42: as I said:',
  ],
  [
    'an attribution in English',
    [
      'Yes.',
      '',
      'On Mon, 30 Nov 2026 at 10:12, Files <files@example.com> wrote:',
      ...quoted,
    ],
    'Yes.',
  ],
  [
    'one that was folded',
    [
      'Yes.',
      '',
      'On Mon, 30 Nov 2026 at 10:12, Files',
      '<files@example.com> wrote:',
      '',
      ...quoted,
    ],
    'Yes.',
  ],
  [
    'a line of one’s own that ends so',
    ['See below:', ...quoted],
    'See below:',
  ],
  [
    'one in German',
    ['Ja.', 'Am 30.11.26 um 10:12 schrieb Files:', ...quoted],
    'Ja.',
  ],
  [
    'a quote of a quote',
    ['Yes.', '> > ✂ Please write above this line', '> > Hello'],
    'Yes.',
  ],
  [
    'a program that quotes without a sign',
    ['Yes.', '✂ Please write above this line', 'Hello'],
    'Yes.',
  ],
  [
    'an answer below the quote',
    [...quoted, 'Yes.'],
    '',
  ],
  ['nothing', [], ''],
])('takes what stands above the mark: %s', (_what, lines, answer) => {
  expect(answerOf(lines.join('\r\n'))).toEqual({ text: answer, isCut: false })
})

it('keeps no character that a database refuses, and cuts what is too long', () => {
  expect(answerOf('a\0b\x1B[31mc\uD800').text).toBe('ab[31mc\uFFFD')
  const long = answerOf('ä'.repeat(30_000))
  expect([long.text.length, long.isCut]).toEqual([20_000, true])
})

it('reads HTML as people see it', () => {
  expect(textOfHtml('<style>p{}</style><script>alert(1)</script><p>One &amp; <b>two</b></p><img src="https://tracker.example/x"><p>Three</p>')).toBe('One & two\n\nThree')
})
