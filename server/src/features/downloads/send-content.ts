import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Content } from './downloads.service.ts'

/** Sends bytes with ranges and conditions (RFC 9110 §13, §14), a digest (RFC 9530) and headers that keep them from being run. */
export async function sendContent(_request: FastifyRequest, _reply: FastifyReply, _content: Content): Promise<FastifyReply> {
  throw new Error('in work')
}
