import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { sniffMediaType } from './sniff.ts'

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const zip = Buffer.concat([
  Buffer.from('504b0304140000000800', 'hex'),
  Buffer.alloc(200),
])
const utf16xml = Buffer.from('\uFEFF<?xml version="1.0"?><svg/>', 'utf16le')

describe('media type', () => {
  it.each([
    [
      'the bytes, not the name',
      png,
      'page.html',
      'image/png',
    ],
    [
      'a document by its signature',
      Buffer.from('%PDF-1.7\n'),
      'x',
      'application/pdf',
    ],
    [
      'an Office file by container and extension',
      zip,
      'Offer.DOCX',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
    [
      'a container as itself otherwise',
      zip,
      'offer.html',
      'application/zip',
    ],
    [
      'text by an extension on the list',
      Buffer.from('a;b\n1;2\n'),
      'data.csv',
      'text/csv',
    ],
    [
      'text that ends within a character',
      Buffer.from('Grüße'.repeat(3)).subarray(0, 3),
      'a.txt',
      'text/plain',
    ],
    [
      'nothing for binary that is named text',
      Buffer.from([1, 0, 2]),
      'a.txt',
      'application/octet-stream',
    ],
    [
      'nothing for text of unknown extension',
      Buffer.from('hello'),
      'a.xyz',
      'application/octet-stream',
    ],
    [
      'nothing for HTML',
      Buffer.from('<!doctype html><script>alert(1)</script>'),
      'a.html',
      'application/octet-stream',
    ],
    [
      'plain text for HTML that is named text',
      Buffer.from('<!doctype html><script>alert(1)</script>'),
      'a.txt',
      'text/plain',
    ],
    [
      'nothing for SVG',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      'a.svg',
      'application/octet-stream',
    ],
    [
      'nothing for SVG with an XML head',
      Buffer.from('<?xml version="1.0"?><svg/>'),
      'a.svg',
      'application/octet-stream',
    ],
    [
      'nothing for XML in UTF-16',
      utf16xml,
      'a.txt',
      'application/octet-stream',
    ],
    [
      'text for the empty file by extension',
      Buffer.alloc(0),
      'empty.md',
      'text/markdown',
    ],
    [
      'nothing for an inherited name',
      Buffer.from('x'),
      'a.constructor',
      'application/octet-stream',
    ],
  ])('is %s', async (_, head, name, mediaType) => {
    expect(await sniffMediaType(head, name)).toBe(mediaType)
  })
})
