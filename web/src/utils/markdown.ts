import MarkdownIt from 'markdown-it'

/**
 * Markdown for policies and messages: no HTML, links to http, https and mailto only, no images (the CSP would not load them, and a
 * picture elsewhere would see the reader). Headings are moved down by `shift`, so that the page keeps the only h1.
 */
export function renderMarkdown(source: string, shift = 1): string {
  const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false }).disable('image')
  markdown.validateLink = url => /^(?:https?:\/\/|mailto:)/i.test(url.trim())
  markdown.renderer.rules.link_open = (tokens, index, options, _env, self) => {
    const token = tokens[index]!
    token.attrSet('rel', 'noopener nofollow')
    return self.renderToken(tokens, index, options)
  }
  const tokens = markdown.parse(source, {})
  for (const token of tokens) {
    if (token.type === 'heading_open' || token.type === 'heading_close')
      token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + shift)}`
  }
  return markdown.renderer.render(tokens, markdown.options, {})
}
