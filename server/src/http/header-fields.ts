import fp from 'fastify-plugin'
import { requestInvalid } from '../errors/common-errors.ts'

/**
 * Headers that have one value. Of two, Node takes the first or joins them, and a proxy in front may have judged the other: such a request
 * means nothing that all who read it agree about (RFC 9110 §5.3).
 */
export const SINGLE_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'content-digest',
  'content-length',
  'content-type',
  'dnt',
  'host',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-event-id',
  'origin',
  'range',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-gpc',
  'user-agent',
  'x-link-grant',
  'x-sendfile-type',
])

/** Headers that are lists, whose lines are joined in their order. */
export const LIST_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cookie',
  'x-forwarded-for',
])

/** Refuses what says one thing twice, before anybody reads it. */
export const headerFieldsPlugin = fp(async (app) => {
  app.addHook('onRequest', async ({ raw: { rawHeaders } }) => {
    const seen = new Set<string>()
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = rawHeaders[i]!.toLowerCase()
      if (!SINGLE_HEADERS.has(name)) continue
      if (seen.has(name)) {
        throw requestInvalid({
          detail: `The header ${name} came twice`,
          fields: [
            { pointer: name, detail: 'has one value' },
          ],
        })
      }
      seen.add(name)
    }
  })
}, { name: 'header-fields' })
