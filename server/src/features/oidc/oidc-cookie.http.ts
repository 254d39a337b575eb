import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../config/config.ts'
import { isHttps } from '../auth/session.ts'
import { STATE_SECONDS } from './oidc.context.ts'

/** `__Host-` is for the whole origin; without it, only what needs the cookie gets it. */
const nameOf = (config: Config) => isHttps(config)
  ? '__Host-clientshare-oidc'
  : 'clientshare-oidc'

/** Lax, unlike the session's: a browser comes back from another site, by a link. What it holds is good for one return alone. */
const optionsOf = (config: Config) => ({
  path: isHttps(config)
    ? '/'
    : '/api/v1/auth/oidc',
  httpOnly: true,
  sameSite: 'lax' as const,
  secure: isHttps(config),
})

export const stateOf = (request: FastifyRequest, config: Config): string | undefined => request.cookies[nameOf(config)]

export function setState(reply: FastifyReply, config: Config, state: string): FastifyReply {
  return reply.setCookie(nameOf(config), state, {
    ...optionsOf(config),
    maxAge: STATE_SECONDS,
  })
}

export const clearState = (reply: FastifyReply, config: Config): FastifyReply => reply.clearCookie(nameOf(config), optionsOf(config))
