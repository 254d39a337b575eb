import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Content } from './content.ts'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { defineError } from '../../errors/app-error.ts'
import { preconditionFailed } from '../../errors/common-errors.ts'
import { attachment } from '../../http/attachment.ts'
import { evaluateConditions, requestedRange } from './content-conditions.ts'
import { handOverHeaders, takesHandOver } from './hand-over.http.ts'

/** A reader that takes not one byte for so long is gone. Whoever reads slowly is not: each byte taken starts the time anew. */
const STALL_MS = 2 * 60_000

/**
 * Until somebody else has asked the store; what flows by then flows on. The proxy asks at once and shows the address to nobody: this
 * allows for clocks that differ, as far as S3 does. A browser may go through a slow proxy first, or go on from where it broke off.
 */
const HAND_OVER_SECONDS = 900
const BROWSER_SECONDS = 300

interface SendOptions { by?: 'server' | 'proxy' | 'store', stallMs?: number }

const rangeNotSatisfiable = defineError('range.not_satisfiable', 416, 'The file does not have these bytes')

/**
 * Sends bytes with ranges and conditions (RFC 9110 §13, §14), a digest (RFC 9530) and headers that keep them from being run.
 * What fails before the first byte is a problem; what fails later breaks the connection, so that no cut answer looks whole.
 * HEAD opens nothing.
 *
 * `by` (DOWNLOADS_BY) says who may send the bytes of one object instead: the proxy that asks for it, under the same headers; or the
 * store, to which the browser is redirected and which then decides conditions and ranges. Everything else this server sends itself.
 */
export async function sendContent(request: FastifyRequest, reply: FastifyReply, content: Content, { by = 'server', stallMs = STALL_MS }: SendOptions = {}): Promise<FastifyReply> {
  const { etag, size } = content
  const isHead = request.method === 'HEAD'
  const locate = isHead || size === 0
    ? undefined
    : content.locate
  const headers = headersOf(content)

  if (by === 'store' && locate && !content.staysHere) {
    const location = await locate({
      expiresSeconds: BROWSER_SECONDS,
      browser: { contentType: headers['content-type'], contentDisposition: headers['content-disposition'] },
    })
    if (location.kind === 'url') return reply.headers({ 'cache-control': CACHE_CONTROL, 'referrer-policy': 'no-referrer' }).redirect(location.url.href)
  }

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
  const wanted = isHead || etag === null
    ? 'whole'
    : requestedRange(request.headers, size, etag)
  if (wanted === 'unsatisfiable') {
    reply.headers({ 'accept-ranges': 'bytes', 'content-range': `bytes */${size}` })
    throw rangeNotSatisfiable(`It has ${size} bytes`)
  }
  const range = wanted === 'whole'
    ? undefined
    : wanted
  const begin = () => {
    if (range) reply.status(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`)
    return reply.headers(headers)
  }
  const { start, end } = range ?? { start: 0, end: size - 1 }
  if (isHead) return begin().header('content-length', String(size)).send(nothing())

  if (by === 'proxy' && locate && takesHandOver(request)) {
    const location = await locate({ range, expiresSeconds: HAND_OVER_SECONDS })
    return begin().headers(handOverHeaders(location, { start, end }, size, request.id)).send()
  }

  const gone = new AbortController()
  let isOut = false
  reply.raw.once('finish', () => isOut = true)
  reply.raw.once('close', () => {
    gone.abort()
    if (!isOut) content.brokenOff?.().catch(error => request.log.error({ err: error }, 'what broke off could not be noted'))
  })
  let body: Readable
  try {
    body = await content.open({ range, signal: gone.signal })
    if (size > 0) await firstByte(body)
  }
  catch (error) {
    if (!gone.signal.aborted) throw error
    return reply.hijack() // nobody is left to be told
  }
  if (reply.raw.socket && 'setTimeout' in reply.raw.socket) reply.raw.setTimeout(stallMs, () => reply.raw.destroy())
  return begin().header('content-length', String(end - start + 1)).send(body)
}

/** `no-transform`: a proxy that compressed it would change what the digest, the length and the ranges are of. */
const CACHE_CONTROL = 'private, no-store, no-transform'

function headersOf({ name, mediaType, etag, sha256, lastModified }: Content) {
  return {
    'content-type': /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(mediaType)
      ? mediaType
      : 'application/octet-stream',
    'content-disposition': attachment(name),
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

/** An empty stream: unlike an empty string, Fastify's HEAD routes take no Content-Length from it. */
const nothing = () => Readable.from([])

/** Resolves when there is something to read; rejects when the source fails first. */
async function firstByte(body: Readable): Promise<void> {
  if (body.errored) throw body.errored
  if (body.readableLength === 0 && !body.readableEnded) await once(body, 'readable')
}
