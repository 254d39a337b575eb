import { diffLines, diffWordsWithSpace } from 'diff'

export interface DiffPart {
  kind: 'same' | 'added' | 'removed'
  text: string
}

/** Above this many characters, changed lines are compared as a whole: words would take too long. */
const MAX_WORDS = 20_000
/** Unchanged lines shown around a change. */
const CONTEXT = 2

const toPart = ({ value, added, removed }: { value: string, added?: boolean, removed?: boolean }): DiffPart => ({
  kind: added
    ? 'added'
    : removed
      ? 'removed'
      : 'same',
  text: value,
})
const withEnd = (text: string) => text === '' || text.endsWith('\n')
  ? text
  : `${text}\n`

/** What changes from one Markdown text to another: changed lines word by word, long unchanged stretches cut to “…”. */
export function diffMarkdown(from: string, to: string): DiffPart[] {
  const changes = diffLines(withEnd(from), withEnd(to))
  return changes.flatMap((change, index): DiffPart[] => {
    const next = changes[index + 1]
    if (change.removed && next?.added && change.value.length + next.value.length <= MAX_WORDS)
      return diffWordsWithSpace(change.value, next.value).map(toPart)
    const previous = changes[index - 1]
    if (change.added && previous?.removed && change.value.length + previous.value.length <= MAX_WORDS) return []
    if (change.added || change.removed) {
      return [
        toPart(change),
      ]
    }
    return [
      {
        kind: 'same',
        text: shorten(change.value, index > 0, index < changes.length - 1),
      },
    ]
  })
}

function shorten(text: string, hasBefore: boolean, hasAfter: boolean): string {
  const lines = text.replace(/\n$/, '').split('\n')
  const head = hasBefore
    ? lines.slice(0, CONTEXT)
    : []
  const tail = hasAfter
    ? lines.slice(-CONTEXT)
    : []
  return lines.length <= head.length + tail.length + 1
    ? text
    : `${[
      ...head,
      '…',
      ...tail,
    ].join('\n')}\n`
}
