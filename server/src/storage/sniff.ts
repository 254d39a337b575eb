import type { Buffer } from 'node:buffer'
import { isUtf8 } from 'node:buffer'
import { extname } from 'node:path'
import { fileTypeFromBuffer } from 'file-type'

const UNKNOWN_MEDIA_TYPE = 'application/octet-stream'

/** Text has no signature, so its kind is taken from the extension; only kinds that no browser executes. */
const TEXT_TYPES = new Map(Object.entries({
  txt: 'text/plain',
  log: 'text/plain',
  ini: 'text/plain',
  conf: 'text/plain',
  md: 'text/markdown',
  markdown: 'text/markdown',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  json: 'application/json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  ics: 'text/calendar',
  vcf: 'text/vcard',
  eml: 'message/rfc822',
}))

/** Office files are containers; when the head shows only the container, the extension tells what is inside. */
const CONTAINED_TYPES = new Map(Object.entries({
  'application/zip': new Map(Object.entries({
    docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    odt: 'application/vnd.oasis.opendocument.text',
    ods: 'application/vnd.oasis.opendocument.spreadsheet',
    odp: 'application/vnd.oasis.opendocument.presentation',
    epub: 'application/epub+zip',
  })),
  'application/x-cfb': new Map(Object.entries({
    doc: 'application/msword',
    xls: 'application/vnd.ms-excel',
    ppt: 'application/vnd.ms-powerpoint',
    msg: 'application/vnd.ms-outlook',
  })),
}))

/** Markup may carry script, whoever names it. */
const MARKUP = /^(?:text\/html|(?:text|application)\/(?:xml|xslt\+xml|xhtml\+xml|rss\+xml|atom\+xml)|image\/svg\+xml)$/

/**
 * The media type of a file by its first bytes, with the extension of `name` only where bytes cannot tell and the answer is harmless.
 * Never HTML, SVG or other markup; `application/octet-stream` when in doubt.
 */
export async function sniffMediaType(head: Buffer, name: string): Promise<string> {
  const extension = extname(name).slice(1).toLowerCase()
  const found = await detect(head)
  if (found === undefined) {
    return looksLikeText(head)
      ? TEXT_TYPES.get(extension) ?? UNKNOWN_MEDIA_TYPE
      : UNKNOWN_MEDIA_TYPE
  }
  if (MARKUP.test(found))
    return UNKNOWN_MEDIA_TYPE
  return CONTAINED_TYPES.get(found)?.get(extension) ?? found
}

async function detect(head: Buffer): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(head))?.mime.split(';')[0]
  }
  catch {
    return undefined // a head made to confuse the parser is of no type
  }
}

function looksLikeText(head: Buffer): boolean {
  if (head.includes(0))
    return false
  // The head may end inside a character, which has up to three more bytes.
  return [0, 1, 2, 3].some(cut => isUtf8(head.subarray(0, Math.max(0, head.length - cut))))
}
