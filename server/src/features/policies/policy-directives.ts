import type { FactLanguage, FactValue, LiveFact } from '../../facts/live-fact.ts'
import MarkdownIt from 'markdown-it'
import { factLanguageOf } from '../../facts/live-fact.ts'
import { placeholder } from './policies.placeholders.ts'

/** A fact as it holds: null while nobody has said it. */
export interface KnownFact { fact: LiveFact, value: FactValue | null }
export type KnownFacts = ReadonlyMap<string, KnownFact>

/** Where in a text a fact stands: from which character to before which. */
export interface Place { fact: string, start: number, end: number }
/** A sentence as readers have it. */
export interface PlacedText { sentence: string, places: Place[] }

/**
 * What is wrong with a directive. `unknown`: there is no such fact. `block`: it is a whole block, and stands within a line. `open`: nobody has
 * said it yet.
 */
export interface DirectiveProblem { line: number, directive: string, what: 'unknown' | 'block' | 'open' }

export interface RenderedText {
  markdown: string
  places: Place[]
  /** What each fact in it was. */
  facts: Record<string, FactValue>
  /** The first of them. */
  wrong: DirectiveProblem[]
  /** It is longer than a text may be, and ends where it became so. */
  isTooLong: boolean
}

/** So many characters a text may have, as it is written and as readers have it. */
export const TEXT_LIMIT = 200_000
const MOST_PROBLEMS = 50

const INLINE = /\{\{([^{}\n]*)\}\}/g
const BLOCK = /^::([^\s:]\S*)[ \t]*$/
/** A block that is not at the beginning of its line, and would be read as words. */
const INDENTED_BLOCK = /^[ \t>*+-]+::([a-z][\w.-]*)[ \t]*$/

/** Of all of Markdown only its blocks, to know which lines are code: the rules of the page that shows the text. */
const blocks = new MarkdownIt({ html: false })
blocks.core.ruler.enableOnly(['normalize', 'block'])

/**
 * Puts what facts are in the place of the directives that name them: `{{name}}` within a line, `::name` as a line of its own. Code stays as it
 * is. What a fact says is not read again, so nothing that somebody wrote as a setting becomes a directive.
 */
export function renderDirectives(source: string, known: KnownFacts, language: string): RenderedText {
  const lines = source.replaceAll(/\r\n?/g, '\n').split('\n')
  const text = createText(known, factLanguageOf(language))
  let line = 1
  for (const chunk of chunksOf(lines)) {
    if (text.isTooLong()) break
    if (line > 1) text.add('\n')
    const [first = ''] = chunk.lines
    if (chunk.kind === 'block') {
      // A block is one only between empty lines.
      if (!text.endsEmpty()) text.add('\n')
      text.addFact(BLOCK.exec(first)![1]!, 'block', {
        line,
        directive: first.trimEnd(),
      })
      if ((lines[line] ?? '').trim() !== '') text.add('\n')
    }
    else if (chunk.kind === 'code') {
      text.add(chunk.lines.join('\n'))
    }
    else {
      addWithInline(text, chunk.lines.join('\n'), line)
      chunk.lines.forEach((each, index) => {
        const misplaced = INDENTED_BLOCK.exec(each)?.[1]
        if (misplaced !== undefined && known.has(misplaced)) text.note({ line: line + index, directive: `::${misplaced}`, what: 'block' })
      })
    }
    line += chunk.lines.length
  }
  return text.done()
}

function addWithInline(text: ReturnType<typeof createText>, chunk: string, firstLine: number): void {
  const spans = codeSpansOf(chunk)
  let [done, span, line, counted] = [0, 0, firstLine, 0]
  for (const { index, 0: directive, 1: name } of chunk.matchAll(INLINE)) {
    while (span < spans.length && spans[span]![1] <= index) span++
    if (span < spans.length && spans[span]![0] <= index) continue
    if (text.isTooLong()) return
    for (; counted < index; counted++) line += Number(chunk[counted] === '\n')
    text.add(chunk.slice(done, index))
    text.addFact(name!.trim(), 'inline', { line, directive })
    done = index + directive.length
  }
  text.add(chunk.slice(done))
}

/** A text that grows. */
function createText(known: KnownFacts, language: FactLanguage) {
  const parts: string[] = []
  let length = 0
  let tail = '\n\n'
  const rendered: Omit<RenderedText, 'markdown' | 'isTooLong'> = {
    places: [],
    facts: {},
    wrong: [],
  }
  const add = (part: string) => {
    parts.push(part)
    length += part.length
    tail = (tail + part.slice(-2)).slice(-2)
  }
  const note = (problem: DirectiveProblem) => {
    if (rendered.wrong.length < MOST_PROBLEMS) rendered.wrong.push(problem)
  }
  return {
    add,
    note,
    addFact(name: string, form: LiveFact['form'], at: Pick<DirectiveProblem, 'line' | 'directive'>) {
      const found = known.get(name)
      if (!found || (form === 'inline' && found.fact.form === 'block')) {
        note({
          ...at,
          what: found
            ? 'block'
            : 'unknown',
        })
        return add(at.directive)
      }
      const words = wordsOf(found, form, language)
      if (found.value === null) {
        note({ ...at, what: 'open' })
      }
      else {
        rendered.facts[name] = found.value
        rendered.places.push({ fact: name, start: length, end: length + words.length })
      }
      add(words)
    },
    endsEmpty: () => tail === '\n\n',
    isTooLong: () => length > TEXT_LIMIT,
    done: (): RenderedText => ({
      ...rendered,
      markdown: parts.join(''),
      isTooLong: length > TEXT_LIMIT,
    }),
  }
}

/** The facts that a text names, whether they exist or not. */
export const factsNamedIn = (source: string): string[] => [
  ...[
    ...source.matchAll(INLINE),
  ].map(([, name]) => name!.trim()),
  ...source.split(/\r\n?|\n/).flatMap(line => BLOCK.exec(line)?.[1] ?? []),
]

/** What a fact says; its placeholder while nobody has said it. */
export function wordsOf({ fact, value }: KnownFact, form: LiveFact['form'], language: FactLanguage): string {
  if (value === null) return placeholder(fact.missing?.[language] ?? fact.label[language])
  const words = form === 'block'
    ? (fact.blockWords ?? fact.words)(value, language).trim()
    : fact.words(value, language)
  return form === 'inline'
    ? words.replaceAll(/\s*\n\s*/g, ' ')
    : words
}

interface Chunk { kind: 'text' | 'code' | 'block', lines: string[] }

/** Lines that belong together: a block directive, code, or a stretch of text between empty lines, in which a code span may go over several. */
function chunksOf(lines: readonly string[]): Chunk[] {
  const code = new Set<number>()
  for (const { type, map } of blocks.parse(lines.join('\n'), {})) {
    if (map && (type === 'fence' || type === 'code_block')) {
      for (let line = map[0]; line < map[1]; line++) code.add(line)
    }
  }
  const chunks: Chunk[] = []
  let before: Chunk['kind'] | 'empty' = 'empty'
  lines.forEach((line, index) => {
    const kind = code.has(index)
      ? 'code'
      : BLOCK.test(line)
        ? 'block'
        : 'text'
    const last = chunks.at(-1)
    const now = kind === 'text' && line.trim() === ''
      ? 'empty'
      : kind
    if (last && kind !== 'block' && last.kind === kind && now === before) {
      last.lines.push(line)
    }
    else {
      chunks.push({
        kind,
        lines: [line],
      })
    }
    before = now
  })
  return chunks
}

/** Between as many backticks on both sides (CommonMark §6.1). */
function codeSpansOf(text: string): [from: number, to: number][] {
  const runs = [
    ...text.matchAll(/\\.|`+/g),
  ].filter(([run]) => run.startsWith('`')).map(({ index, 0: { length } }) => ({ index, length }))
  const spans: [number, number][] = []
  /** Lengths that do not come again: a long text is not searched for them once more. */
  const last = new Map(runs.map(({ length }, index) => [length, index]))
  for (let open = 0; open < runs.length; open++) {
    const { index, length } = runs[open]!
    if (last.get(length)! <= open) continue
    let close = open + 1
    while (runs[close]!.length !== length) close++
    spans.push([index, runs[close]!.index + length])
    open = close
  }
  return spans
}
