import type { Token } from 'markdown-it'
import MarkdownIt from 'markdown-it'

/** HTML of ours around a stretch of the source: of words in a line, or of whole blocks. */
export interface Mark { start: number, end: number, isBlock: boolean, open: string, close: string }
export interface Heading { id: string, text: string, level: number, number?: number }
export interface RenderOptions {
  /** Gives headings an id out of their words, so that a link may lead to them: once on a page. */
  anchors?: boolean
  /** Counts the sections of a text that does not do so itself. */
  numbered?: boolean
  marks?: readonly Mark[]
}

/**
 * Markdown for policies and messages: no HTML; links to the web, to mail, to telephones and within this server; no pictures (the CSP would not load
 * them, and one elsewhere would see the reader): their words stand in their place. Headings begin with h2, for the page's own
 * is the only h1, and none is more than one below the one that it stands under, whatever the text begins with or leaves out. Each paragraph, heading, list item and cell takes the direction of its own script.
 */
export function renderDocument(source: string, { anchors = false, numbered = false, marks = [] }: RenderOptions = {}): { html: string, headings: Heading[] } {
  const sorted = marks.toSorted((one, other) => one.start - other.start)
  const { html, headings } = render(withMarks(source, sorted), { anchors, numbered })
  if (isMarked(html, sorted.length)) {
    return {
      html: putMarks(html, sorted),
      headings,
    }
  }
  // One of them stands where no HTML can be, as in the address of a link: the others stay.
  const good = sorted.filter(mark => isMarked(render(withMarks(source, [mark]), {}).html, 1))
  return good.length < sorted.length
    ? renderDocument(source, { anchors, numbered, marks: good })
    : renderDocument(source, { anchors, numbered })
}

export const renderMarkdown = (source: string, options: RenderOptions = {}): string => renderDocument(source, options).html

/** A line without blocks. */
export const renderLine = (source: string): string => parser.renderInline(source)

export const escapeHtml = (text: string): string => parser.utils.escapeHtml(text)

function render(source: string, { anchors = false, numbered = false }: RenderOptions): { html: string, headings: Heading[] } {
  const tokens = parser.parse(source, {})
  /** The headings, as the text has them, that what comes next stands under. */
  const above: string[] = []
  for (const token of tokens) {
    if (token.type === 'heading_open') {
      while (above.length > 0 && above.at(-1)! >= token.tag) above.pop()
      above.push(token.tag)
    }
    if (token.type === 'heading_open' || token.type === 'heading_close') token.tag = `h${Math.min(6, above.length + 1)}`
    if (token.nesting === 1 && DIRECTED.has(token.type)) token.attrSet('dir', 'auto')
  }
  const headings = anchors
    ? setAnchors(tokens, numbered)
    : []
  labelTables(tokens)
  return {
    html: parser.renderer.render(tokens, parser.options, {}),
    headings,
  }
}

/* Where a mark begins and ends while the text is rendered: control characters, which no text of ours has, and which are neither letters nor punctuation to Markdown. */
const [BEGIN, END] = ['\u0091', '\u0092']

function withMarks(source: string, marks: readonly Mark[]): string {
  let at = 0
  return marks.map(({ start, end, isBlock }) => {
    const part = source.slice(at, start) + (isBlock
      ? `${BEGIN}\n\n${source.slice(start, end)}\n\n${END}`
      : BEGIN + source.slice(start, end) + END)
    at = end
    return part
  }).join('') + source.slice(at)
}

/** Whether all that was marked is in text, begun and ended in turn. */
function isMarked(html: string, count: number): boolean {
  const found = [
    ...html.replaceAll(/<[^>]*>/g, '').matchAll(/[\u0091\u0092]/g),
  ].map(([sign]) => sign)
  return found.length === 2 * count && found.every((sign, index) => sign === (index % 2 === 0
    ? BEGIN
    : END)) && !/<[^>]*[\u0091\u0092]/.test(html)
}

function putMarks(html: string, marks: readonly Mark[]): string {
  let index = 0
  return html.replaceAll(/<p dir="auto">([\u0091\u0092])<\/p>|[\u0091\u0092]/g, (found, block: string | undefined) => (block ?? found) === BEGIN
    ? marks[index]!.open
    : marks[index++]!.close)
}

/** Pictures that a text asks for, as they stand in it. They are not shown. */
export function findPictures(source: string): string[] {
  return parser.parse(source, {}).flatMap(({ children }) => (children ?? []).filter(({ type }) => type === 'image').map(image => image.content || String(image.attrGet('src'))))
}

const DIRECTED = new Set([
  'paragraph_open',
  'heading_open',
  'list_item_open',
  'blockquote_open',
  'th_open',
  'td_open',
])

const SCHEME = /^[a-z][a-z\d+.-]*:/i

const parser = new MarkdownIt({ html: false, linkify: true, typographer: false })
// Without a scheme it leads somewhere on this server; `//host` and its kin do not.
parser.validateLink = url => /^(?:https?:\/\/|mailto:|tel:)/i.test(url.trim()) || (!SCHEME.test(url.trim()) && !/^[\\/]{2}/.test(url.trim()))
parser.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  const token = tokens[index]!
  if (SCHEME.test(String(token.attrGet('href')))) token.attrSet('rel', 'noopener nofollow')
  return self.renderToken(tokens, index, options)
}
parser.renderer.rules.image = (tokens, index) => parser.utils.escapeHtml(tokens[index]!.content)

/** `Data we keep` is at `#data-we-keep`, a second one at `#data-we-keep-2`. */
function setAnchors(tokens: readonly Token[], numbered: boolean): Heading[] {
  const taken = new Map<string, number>()
  const headings: Heading[] = []
  const opened = tokens.flatMap((token, index) => token.type === 'heading_open'
    ? [
        {
          token,
          text: textOf(tokens[index + 1]!),
          level: Number(token.tag.slice(1)),
        },
      ]
    : [])
  const sections = opened.filter(({ level }) => level === 2)
  const isCounted = numbered && sections.length >= 3 && !sections.some(({ text }) => /^[\p{Nd}§]/u.test(text))
  for (const { token, text, level } of opened) {
    const slug = anchorOf(text)
    const count = (taken.get(slug) ?? 0) + 1
    taken.set(slug, count)
    const id = count === 1
      ? slug
      : `${slug}-${count}`
    token.attrSet('id', id)
    const number = isCounted && level === 2
      ? sections.findIndex(section => section.token === token) + 1
      : undefined
    if (number !== undefined) token.attrSet('data-number', String(number))
    headings.push({ id, text, level, number })
  }
  return headings
}

const anchorOf = (words: string) => words.toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '') || 'section'

/** Where rows stack on a narrow page, each cell says what its column is; and a table stays one for screen readers, whatever `display` it has. */
function labelTables(tokens: readonly Token[]): void {
  const roles: Record<string, string> = {
    table_open: 'table',
    thead_open: 'rowgroup',
    tbody_open: 'rowgroup',
    tr_open: 'row',
    th_open: 'columnheader',
    td_open: 'cell',
  }
  let heads: string[] = []
  let column = 0
  tokens.forEach((token, index) => {
    if (roles[token.type]) token.attrSet('role', roles[token.type]!)
    if (token.type === 'table_open') heads = []
    if (token.type === 'tr_open') column = 0
    if (token.type === 'th_open') heads.push(textOf(tokens[index + 1]!))
    if (token.type === 'td_open') token.attrSet('data-label', heads[column++] ?? '')
  })
}

const textOf = (token: Token) => (token.children ?? []).map(({ content }) => content).join('').replaceAll(/[\u0091\u0092]/g, '')
