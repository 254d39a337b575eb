import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LiveBus } from '../../live/live-bus.ts'
import type { AccessService, Member } from '../access/access.service.ts'

/** Server-sent events (HTML Living Standard §9.2) until the client goes away or the membership ends. */
export async function streamLiveEvents(_request: FastifyRequest, _reply: FastifyReply, _context: { live: LiveBus, access: AccessService, member: Member }): Promise<FastifyReply> {
  throw new Error('in work')
}
