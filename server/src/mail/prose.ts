import type { Token } from 'markdown-it'
import MarkdownIt from 'markdown-it'

/*
 * What an operator wrote as Markdown, in both forms of a mail. The same rules as the web shows policies by: no HTML, no pictures, links to the web, to mail, to
 * telephones and within this server.
 */

const SCHEME = /^(?:https?:\/\/|mailto:|tel:)/i
/** `//host` and its kin lead elsewhere. */
const WITHIN = /^\/(?![\\/])/

const parser = new MarkdownIt({ html: false, linkify: true, typographer: false })
parser.validateLink = url => SCHEME.test(url.trim()) || WITHIN.test(url.trim())
parser.renderer.rules.image = (tokens, index) => parser.utils.escapeHtml(tokens[index]!.content)

/** Of an element: mail programs know no style sheet of ours. Colour and size are those of what it stands in. */
const STYLES: Record<string, string> = {
  p: 'margin:0 0 12px',
  h2: 'margin:20px 0 8px;font-size:18px;line-height:26px',
  ul: 'margin:0 0 12px;padding:0 0 0 24px',
  ol: 'margin:0 0 12px;padding:0 0 0 24px',
  blockquote: 'margin:0 0 12px;padding:0 0 0 12px;border-left:3px solid #a1a1aa',
  pre: 'margin:0 0 12px;white-space:pre-wrap',
  table: 'margin:0 0 12px;border-collapse:collapse',
  th: 'text-align:left;padding:4px 12px 4px 0',
  td: 'vertical-align:top;padding:4px 12px 4px 0',
  a: 'color:inherit',
}

const hrefOf = (token: Token, publicUrl: string) => {
  const href = String(token.attrGet('href')).trim()
  return WITHIN.test(href)
    ? publicUrl + href
    : href
}

/** @param publicUrl what a link within this server begins with */
export function proseAsHtml(markdown: string, publicUrl: string): string {
  const tokens = parser.parse(markdown, {})
  for (const token of tokens.flatMap(each => [
    each,
    ...each.children ?? [],
  ])) {
    // The mail's heading is the only h1.
    if (token.type.startsWith('heading_')) token.tag = 'h2'
    if (token.type === 'link_open') token.attrSet('href', hrefOf(token, publicUrl))
    const style = STYLES[token.tag]
    if (style && token.nesting >= 0) token.attrSet('style', style)
  }
  return parser.renderer.render(tokens, parser.options, {})
}

/** Paragraphs with an empty line between them; where a link leads stands behind its words. */
export function proseAsText(markdown: string, publicUrl: string): string {
  let text = ''
  /** How each list that is open counts: the next number, or none. */
  const lists: (number | undefined)[] = []
  const cells: string[] = []
  const block = (words: string) => {
    text += `${words}\n${lists.length > 0
      ? ''
      : '\n'}`
  }
  let marker = ''
  let isCell = false
  for (const token of parser.parse(markdown, {})) {
    switch (token.type) {
      case 'bullet_list_open': lists.push(undefined); break
      case 'ordered_list_open': lists.push(Number(token.attrGet('start') ?? 1)); break
      case 'bullet_list_close':
      case 'ordered_list_close':
        lists.pop()
        if (lists.length === 0) text += '\n'
        break
      case 'list_item_open': {
        const number = lists.at(-1)
        marker = `${'  '.repeat(lists.length - 1)}${number === undefined
          ? '-'
          : `${number}.`} `
        if (number !== undefined) lists[lists.length - 1] = number + 1
        break
      }
      case 'th_open':
      case 'td_open': isCell = true; break
      case 'th_close':
      case 'td_close': isCell = false; break
      case 'tr_open': cells.length = 0; break
      case 'tr_close': text += `${cells.join(' | ')}\n`; break
      case 'table_close': text += '\n'; break
      case 'hr': block('---'); break
      case 'fence':
      case 'code_block': block(token.content.trimEnd()); break
      case 'inline': {
        const words = inlineAsText(token, publicUrl)
        if (isCell) cells.push(words)
        else block(marker + words)
        marker = ''
        break
      }
    }
  }
  return text.trim()
}

function inlineAsText({ children }: Token, publicUrl: string): string {
  let words = ''
  let link: { href: string, from: number } | undefined
  for (const token of children ?? []) {
    if (token.type === 'link_open') {
      link = {
        href: hrefOf(token, publicUrl),
        from: words.length,
      }
    }
    else if (token.type === 'link_close' && link) {
      if (words.slice(link.from) !== link.href.replace(/^(?:mailto|tel):/, '')) words += ` (${link.href})`
      link = undefined
    }
    else if (token.type === 'softbreak' || token.type === 'hardbreak') {
      words += '\n'
    }
    else {
      words += token.content
    }
  }
  return words
}
