import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../config/config.ts'
import type { StartedSession } from './session.ts'
import { accessDenied } from '../../errors/common-errors.ts'
import { DEVICE_DAYS } from './known-devices.ts'
import { cookieName, deviceCookieName, isHttps } from './session.ts'

export const cookieOptions = (config: Config) => ({
  path: '/',
  httpOnly: true,
  sameSite: 'strict' as const,
  secure: isHttps(config),
})

/** The refresh token of a request. A page of another site may not use it, whatever the browser thinks of SameSite. */
export function refreshTokenOf(request: FastifyRequest, config: Config): string | undefined {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw accessDenied('Another site may not use your session')
  return request.cookies[cookieName(config)]
}

/** Sets the session's cookie and makes the answer that goes with it. */
export function setSessionCookie(app: FastifyInstance, reply: FastifyReply, config: Config, session: StartedSession) {
  if (session.refreshToken !== undefined) {
    reply.setCookie(cookieName(config), session.refreshToken, {
      ...cookieOptions(config),
      maxAge: session.cookieSeconds,
    })
  }
  if (session.deviceToken !== undefined) {
    reply.setCookie(deviceCookieName(config), session.deviceToken, {
      ...cookieOptions(config),
      maxAge: DEVICE_DAYS * 86_400,
    })
  }
  app.notePageOf(reply.request)
  reply.header('cache-control', 'no-store')
  return {
    accessToken: app.tokens.signAccess({ userId: session.user.id, sessionId: session.sessionId }, session.accessSeconds),
    expiresIn: session.accessSeconds,
    user: session.user,
  }
}

export function clearSessionCookie(reply: FastifyReply, config: Config): FastifyReply {
  return reply.clearCookie(cookieName(config), cookieOptions(config))
}
