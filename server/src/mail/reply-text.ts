import { htmlToText } from 'html-to-text'
import { REPLY_MARK } from './reply-mark.ts'

const MOST_CHARACTERS = 20_000
const MARKED = new RegExp(`^[>\\s]*${REPLY_MARK}`, 'u')

/** Only what people read: no style sheet, no address of a picture that tells of its reader. */
export const textOfHtml = (html: string): string => htmlToText(html, {
  wordwrap: false,
  limits: { maxInputLength: 1_000_000, maxDepth: 100, maxChildNodes: 5_000 },
  selectors: [
    { selector: 'img', format: 'skip' },
    {
      selector: 'a',
      options: { hideLinkHrefIfSameAsText: true },
    },
    { selector: 'table', format: 'block' },
  ],
})

/**
 * What somebody wrote above the mail that they answer, as they wrote it.
 *
 * @returns `isCut` when it is longer than what is kept
 */
export function answerOf(text: string): { text: string, isCut: boolean } {
  const lines = text
    .replaceAll(/\r\n?/g, '\n')
    .toWellFormed()
    // eslint-disable-next-line no-control-regex -- what no text has, and a database refuses
    .replaceAll(/[\0-\x08\v\f\x0E-\x1F\x7F]/g, '')
    .split('\n')
  const mark = lines.findIndex(line => MARKED.test(line))
  const written = mark === -1
    ? lines
    : withoutAttribution(lines.slice(0, mark))
  const whole = written.join('\n').replaceAll(/\n{3,}/g, '\n\n').trim()
  const kept = Array.from(whole.slice(0, MOST_CHARACTERS + 1)).slice(0, MOST_CHARACTERS).join('').toWellFormed()
  return { text: kept, isCut: kept.length < whole.length }
}

/** “On Tuesday … wrote:” in whatever language, and what of the quoted mail stood above its mark. */
function withoutAttribution(lines: string[]): string[] {
  const kept = [...lines]
  const at = (index: number) => kept.at(index) ?? ''
  while (kept.length > 0 && /^\s*(?:>.*)?$/.test(at(-1))) kept.pop()
  // It names a day, and may be folded into two lines.
  if (/:\s*$/.test(at(-1))) {
    if (/\d/.test(at(-1))) kept.splice(-1)
    else if (/\d/.test(at(-2))) kept.splice(-2)
  }
  return kept
}
