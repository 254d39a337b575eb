import type { IncomingHttpHeaders } from 'node:http'
import type { ByteRange } from '../../storage/storage.ts'

export interface Validators { etag: string, lastModified: Date }

/** Conditions of a GET or HEAD in the order of RFC 9110 §13.2.2. A date counts only when no tag is given beside it. */
export function evaluateConditions(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): 'send' | 'not_modified' | 'failed' {
  const modifiedAt = Math.floor(lastModified.getTime() / 1000) * 1000
  const ifUnmodifiedSince = httpDate(headers['if-unmodified-since'])
  const ifModifiedSince = httpDate(headers['if-modified-since'])

  if (headers['if-match'] !== undefined) {
    if (!names(headers['if-match'], etag, 'strong')) return 'failed'
  }
  else if (ifUnmodifiedSince !== undefined && modifiedAt > ifUnmodifiedSince) {
    return 'failed'
  }
  if (headers['if-none-match'] !== undefined) {
    return names(headers['if-none-match'], etag, 'weak')
      ? 'not_modified'
      : 'send'
  }
  return ifModifiedSince !== undefined && modifiedAt <= ifModifiedSince
    ? 'not_modified'
    : 'send'
}

/**
 * What part of `size` bytes to send (RFC 9110 §14). What is not one well-formed range of bytes asks for the whole: a server may
 * ignore Range, and several ranges at once are more often an attack than a need (§14.2).
 * A range holds only while If-Range names this very representation. A date there never does: two versions may share a second.
 */
export function requestedRange(headers: IncomingHttpHeaders, size: number, etag: string): ByteRange | 'whole' | 'unsatisfiable' {
  const ifRange = headers['if-range']
  if (ifRange !== undefined && ifRange !== etag) return 'whole'
  const [, from, to] = /^bytes=[\t ]*(\d*)-(\d*)[\t ]*$/i.exec(headers.range ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return 'whole'

  if (from === '') {
    const suffix = Number(to)
    if (suffix === 0) return 'unsatisfiable'
    // Nothing has no last bytes that Content-Range could name.
    return size === 0
      ? 'whole'
      : {
          start: Math.max(0, size - suffix),
          end: size - 1,
        }
  }
  const start = Number(from)
  const end = to === ''
    ? size - 1
    : Math.min(Number(to), size - 1)
  if (to !== '' && Number(to) < start) return 'whole'
  return start >= size
    ? 'unsatisfiable'
    : { start, end }
}

function names(list: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? []
  return tags.some(tag => tag === etag || (comparison === 'weak' && tag === `W/${etag}`))
}

/** Milliseconds; undefined for what is no date, which is to be ignored. */
function httpDate(text: string | undefined): number | undefined {
  const at = text?.endsWith('GMT')
    ? Date.parse(text)
    : Number.NaN
  return Number.isNaN(at)
    ? undefined
    : at
}
