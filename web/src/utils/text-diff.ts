import { diffLines, diffWordsWithSpace } from 'diff'

export interface DiffPart {
  kind: 'same' | 'added' | 'removed'
  text: string
}

/** A stretch of lines: unchanged, or with what went and what came, word by word. */
export interface DiffBlock {
  changed: boolean
  parts: DiffPart[]
  /** Lines, for folding long unchanged stretches. */
  lines: number
}

/** The words of one pair of stretches are compared only up to here; longer ones are shown as taken out and put in. */
const MAX_WORD_DIFF = 20_000

const kindOf = (change: { added?: boolean, removed?: boolean }): DiffPart['kind'] => change.added
  ? 'added'
  : change.removed
    ? 'removed'
    : 'same'
const countLines = (text: string) => text.replace(/\n$/, '').split('\n').length

/** What changed from one text to the other: by lines, and inside changed lines by words. */
export function diffTexts(from: string, to: string): DiffBlock[] {
  const changes = diffLines(withEnd(from), withEnd(to))
  const blocks: DiffBlock[] = []
  for (let index = 0; index < changes.length; index++) {
    const change = changes[index]!
    const next = changes[index + 1]
    if (change.removed && next?.added) {
      index++
      const parts = change.value.length + next.value.length > MAX_WORD_DIFF
        ? [
            change,
            next,
          ]
        : diffWordsWithSpace(change.value, next.value)
      blocks.push({
        changed: true,
        parts: parts.map(part => ({
          kind: kindOf(part),
          text: part.value,
        })),
        lines: countLines(next.value),
      })
      continue
    }
    blocks.push({
      changed: kindOf(change) !== 'same',
      parts: [
        {
          kind: kindOf(change),
          text: change.value,
        },
      ],
      lines: countLines(change.value),
    })
  }
  return blocks
}

/** A last line with and without a line end is the same line. */
function withEnd(text: string): string {
  const unix = text.replaceAll('\r\n', '\n')
  return unix.endsWith('\n') || unix === ''
    ? unix
    : `${unix}\n`
}
