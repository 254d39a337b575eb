import type { FastifyReply, FastifyRequest } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import fp from 'fastify-plugin'

/** Where the proxy in front asks, by HEAD, whether this server takes requests, before it sends one here that it could not send again. */
const ASKED_AT = '/healthz'
/** Who was told so has sent it by then. */
const COMES_WITHIN_MS = 2000

const isRead = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD'

/** Who gets no answer at all asks another server. */
function answerNobody(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack()
  request.raw.socket.destroy()
}

interface LeavingOptions {
  /** Whether what changes something may come here at all. */
  takesChanges?: () => boolean
  wait?: (ms: number) => Promise<unknown>
}

/**
 * Goes without losing a request, behind a proxy that asks first (docker/Caddyfile): from now on nobody is told that requests are taken, and the
 * door stays open for those who were told so. What only reads, the proxy tries elsewhere by itself. Where nobody ever asked, there is nothing to wait for.
 * Registered before what refuses requests of a closing server.
 */
export const leavingPlugin = fp<LeavingOptions>(async (app, { takesChanges = () => true, wait = sleep }) => {
  let toldAt: number | undefined
  let leaving = false
  app.addHook('preClose', async () => {
    leaving = true
    if (toldAt !== undefined) await wait(Math.max(0, toldAt + COMES_WITHIN_MS - performance.now()))
  })
  app.addHook('onRequest', async (request, reply) => {
    const asks = request.method === 'HEAD' && request.url === ASKED_AT
    if (asks && (leaving || !takesChanges())) answerNobody(request, reply)
    else if (asks) toldAt = performance.now()
    else if (leaving && toldAt !== undefined && isRead(request)) answerNobody(request, reply)
  })
}, { name: 'leaving' })
