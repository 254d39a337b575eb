import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PublishedPolicy } from './policies.schemas.ts'
import type { Reader } from './public-policies.ts'
import { isUnchanged } from '../../http/etag.ts'
import { languagesOf } from '../../http/languages.ts'

export const readerOf = (request: FastifyRequest, language: string | undefined): Reader => ({
  language,
  accepts: languagesOf(request.headers['accept-language']),
})

/** Says in which language it came. */
export function sendPublished(reply: FastifyReply, policy: PublishedPolicy): PublishedPolicy {
  reply.header('vary', 'accept-language').header('content-language', policy.language)
  return policy
}

export function sendMarkdown(request: FastifyRequest, reply: FastifyReply, { markdown, language, sha256 }: PublishedPolicy): FastifyReply {
  const etag = `"${sha256}"`
  reply.header('etag', etag).header('vary', 'accept-language').header('cache-control', 'no-cache')
  if (isUnchanged(request.headers['if-none-match'], etag)) return reply.status(304).send()
  return reply.header('content-language', language).type('text/markdown; charset=utf-8').send(markdown)
}
