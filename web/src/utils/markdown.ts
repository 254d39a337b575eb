import type { Token } from 'markdown-it'
import MarkdownIt from 'markdown-it'

/**
 * Markdown for policies and messages: no HTML; links to the web, to mail, to telephones and within this server; no pictures (the CSP would not load
 * them, and one elsewhere would see the reader): their words stand in their place. Headings begin with h2, for the page's own
 * is the only h1, and none is more than one below the one that it stands under, whatever the text begins with or leaves out. Each paragraph, heading, list item and cell takes the direction of its own script.
 * @param options.anchors gives headings an id out of their words, so that a link may lead to them: once on a page
 */
export function renderMarkdown(source: string, { anchors = false }: { anchors?: boolean } = {}): string {
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
  if (anchors) setAnchors(tokens)
  labelTables(tokens)
  return parser.renderer.render(tokens, parser.options, {})
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
function setAnchors(tokens: readonly Token[]): void {
  const taken = new Map<string, number>()
  tokens.forEach((token, index) => {
    if (token.type !== 'heading_open') return
    const slug = anchorOf(tokens[index + 1]!.content)
    const count = (taken.get(slug) ?? 0) + 1
    taken.set(slug, count)
    token.attrSet('id', count === 1
      ? slug
      : `${slug}-${count}`)
  })
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

const textOf = (token: Token) => (token.children ?? []).map(({ content }) => content).join('')
