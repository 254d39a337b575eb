import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Content } from './downloads.service.ts'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { create as contentDisposition } from 'content-disposition'
import { defineError } from '../../errors/app-error.ts'
import { preconditionFailed } from '../../errors/common-errors.ts'
import { evaluateConditions, requestedRange } from './content-conditions.ts'

/** A reader that takes not one byte for so long is gone. Whoever reads slowly is not: each byte taken starts the time anew. */
const STALL_MS = 2 * 60_000

const rangeNotSatisfiable = defineError('range.not_satisfiable', 416, 'The file does not have these bytes')

/**
 * Sends bytes with ranges and conditions (RFC 9110 §13, §14), a digest (RFC 9530) and headers that keep them from being run.
 * What fails before the first byte is a problem; what fails later breaks the connection, so that no cut answer looks whole.
 * HEAD opens nothing.
 */
export async function sendContent(request: FastifyRequest, reply: FastifyReply, content: Content, { stallMs = STALL_MS } = {}): Promise<FastifyReply> {
  const { etag, size } = content
  const isHead = request.method === 'HEAD'

  if (etag !== null) {
    const outcome = evaluateConditions(request.headers, { etag, lastModified: content.lastModified })
    if (outcome === 'failed') throw preconditionFailed('The file is another one by now')
    if (outcome === 'not_modified') {
      reply.status(304).headers({
        'etag': etag,
        'last-modified': content.lastModified.toUTCString(),
        'cache-control': CACHE_CONTROL,
      })
      return reply.send(isHead
        ? nothing()
        : undefined)
    }
  }
  // Only GET has ranges (RFC 9110 §14.2).
  const range = isHead || etag === null
    ? 'whole'
    : requestedRange(request.headers, size, etag)
  if (range === 'unsatisfiable') {
    reply.headers({ 'accept-ranges': 'bytes', 'content-range': `bytes */${size}` })
    throw rangeNotSatisfiable(`It has ${size} bytes`)
  }
  const headers = headersOf(content)
  if (isHead) {
    return reply.headers({
      ...headers,
      'content-length': String(size),
    }).send(nothing())
  }

  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  let body: Readable
  try {
    body = range === 'whole'
      ? await content.open({ signal: gone.signal })
      : await content.open({ range, signal: gone.signal })
    await firstByte(body)
  }
  catch (error) {
    if (!gone.signal.aborted) throw error
    return reply.hijack() // nobody is left to be told
  }

  if (range === 'whole') {
    reply.header('content-length', String(size))
  }
  else {
    reply.status(206).headers({
      'content-length': String(range.end - range.start + 1),
      'content-range': `bytes ${range.start}-${range.end}/${size}`,
    })
  }
  if (reply.raw.socket && 'setTimeout' in reply.raw.socket) reply.raw.setTimeout(stallMs, () => reply.raw.destroy())
  return reply.headers(headers).send(body)
}

const CACHE_CONTROL = 'private, no-store'

function headersOf({ name, mediaType, etag, sha256, lastModified }: Content): Record<string, string> {
  return {
    'content-type': /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(mediaType)
      ? mediaType
      : 'application/octet-stream',
    'content-disposition': contentDisposition(name, {
      fallback: asciiName(name),
    }),
    'accept-ranges': etag === null
      ? 'none'
      : 'bytes',
    'last-modified': lastModified.toUTCString(),
    ...(etag === null
      ? {}
      : { etag }),
    ...(sha256 === null
      ? {}
      : { 'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:` }),
    'cache-control': CACHE_CONTROL,
    'content-security-policy': 'sandbox; default-src \'none\'',
    'x-content-type-options': 'nosniff',
    'x-accel-buffering': 'no',
  }
}

/** For programs that do not read `filename*` (RFC 6266 §4.3). */
function asciiName(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').replace(/[^\x20-\x7E]/gu, '_').replace(/[%"\\/]/g, '_')
}

/** An empty stream: unlike an empty string, Fastify's HEAD routes take no Content-Length from it. */
const nothing = () => Readable.from([])

/** Resolves when there is something to read, or the end; rejects when the source fails first. */
async function firstByte(body: Readable): Promise<void> {
  if (body.readableLength === 0 && !body.readableEnded) await once(body, 'readable')
}
