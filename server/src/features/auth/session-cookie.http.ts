import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../config/config.ts'
import type { PendingPolicy } from '../acceptances/acceptances.schemas.ts'
import type { StartedSession } from './session.ts'
import { accessDenied } from '../../errors/common-errors.ts'
import { clearCookie, readCookie, setCookie } from '../../http/cookies.ts'
import { DEVICE_DAYS, deviceCookie, sessionCookie } from './auth.cookies.ts'

/** The refresh token of a request. A page of another site may not use it, whatever the browser thinks of SameSite. */
export function refreshTokenOf(request: FastifyRequest, config: Config): string | undefined {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw accessDenied('Another site may not use your session')
  return readCookie(request, config, sessionCookie)
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What somebody has to agree to before they go on, in words that whoever asks reads. */
    pendingPolicies: (request: FastifyRequest, userId: string) => Promise<PendingPolicy[]>
  }
}

/** Sets the session's cookie and makes the answer that goes with it. */
export async function setSessionCookie(app: FastifyInstance, reply: FastifyReply, config: Config, session: StartedSession) {
  if (session.refreshToken !== undefined) {
    setCookie(reply, config, sessionCookie, session.refreshToken, { maxAge: session.cookieSeconds })
  }
  if (session.deviceToken !== undefined) {
    setCookie(reply, config, deviceCookie, session.deviceToken, { maxAge: DEVICE_DAYS * 86_400 })
  }
  app.notePageOf(reply.request)
  reply.header('cache-control', 'no-store')
  return {
    accessToken: app.tokens.signAccess({ userId: session.user.id, sessionId: session.sessionId }, session.accessSeconds),
    expiresIn: session.accessSeconds,
    user: session.user,
    pendingPolicies: await app.pendingPolicies(reply.request, session.user.id),
  }
}

export function clearSessionCookie(reply: FastifyReply, config: Config): FastifyReply {
  return clearCookie(reply, config, sessionCookie)
}
