import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import fp from 'fastify-plugin'

const compress = promisify(gzip)
/** Less fits one packet anyway. */
const WORTH_BYTES = 1024

/**
 * Compresses answers of JSON and text for clients that take gzip. Not files and streams: their lengths, ranges and digests have been told.
 *
 * Nor what only a cookie opened: another site can make a browser ask for that, with a guess in the address, and learn from the length
 * whether it stands in the answer beside it (BREACH). It cannot make a browser send `Authorization`; and without either there is no
 * secret of anybody's in the answer.
 */
export const compressionPlugin = fp(async (app) => {
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || payload.length < WORTH_BYTES || reply.hasHeader('content-encoding')) return payload
    if (!/^(?:text\/|application\/(?:[\w.-]+\+)?json\b)/.test(String(reply.getHeader('content-type')))) return payload
    reply.header('vary', [
      reply.getHeader('vary'),
      'accept-encoding',
    ].filter(Boolean).join(', '))
    const { authorization, cookie, 'accept-encoding': accepted } = request.headers
    if ((cookie !== undefined && authorization === undefined) || !takesGzip(accepted)) return payload
    const body = await compress(payload)
    reply.header('content-encoding', 'gzip').removeHeader('content-length')
    return body
  })
}, {
  name: 'compression',
  // It keeps answers as they are before this.
  dependencies: ['idempotency'],
})

/** RFC 9110 §12.5.3: named with a weight above nothing, or anything is. */
export function takesGzip(acceptEncoding = ''): boolean {
  const weights = new Map(acceptEncoding.toLowerCase().split(',').map((entry) => {
    const [coding = '', ...parameters] = entry.split(';').map(part => part.trim())
    const weight = parameters.find(parameter => parameter.startsWith('q='))
    return [
      coding,
      weight === undefined
        ? 1
        : Number(weight.slice(2)),
    ]
  }))
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0
}
