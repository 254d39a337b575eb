import type { TextHead, VersionRow } from './policies.queries.ts'

export interface FeedSource {
  name: string
  publicUrl: string
  language: string
  /** Newest first. */
  entries: (Pick<VersionRow, 'id' | 'number' | 'effectiveOn' | 'publishedAt'> & { slug: string, text: TextHead })[]
}

/** What was published, as Atom (RFC 4287). An entry is known by its version's own id, which no change of the address changes. */
export function atomFeed({ name, publicUrl, language, entries }: FeedSource): string {
  const own = `${publicUrl}/policies/feed.xml`
  // Before anything was published, as long ago as there is a time.
  const updated = entries[0]?.publishedAt ?? new Date(0)
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${escape(language)}">
  <id>${escape(own)}</id>
  <title>${escape(name)}</title>
  <updated>${updated.toISOString()}</updated>
  <author><name>${escape(name)}</name></author>
  <link rel="self" type="application/atom+xml" href="${escape(own)}"/>
  <link rel="alternate" type="text/html" href="${escape(`${publicUrl}/policies`)}"/>
${entries.map(({ id, slug, number, effectiveOn, publishedAt, text }) => `  <entry xml:lang="${escape(text.language)}">
    <id>urn:uuid:${escape(id)}</id>
    <title>${escape(`${text.title} · ${number} · ${effectiveOn}`)}</title>
    <published>${publishedAt.toISOString()}</published>
    <updated>${publishedAt.toISOString()}</updated>
    <link rel="alternate" type="text/html" hreflang="${escape(text.language)}" href="${escape(`${publicUrl}/policies/${slug}/versions/${number}?language=${text.language}`)}"/>
    <summary>${escape(text.summary || text.title)}</summary>
  </entry>
`).join('')}</feed>
`
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\'': '&#39;',
}
const escape = (text: string) => text.replaceAll(/[&<>"']/g, character => entities[character]!)
