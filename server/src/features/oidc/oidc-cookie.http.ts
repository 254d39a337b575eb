import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../config/config.ts'
import { clearCookie, readCookie, setCookie } from '../../http/cookies.ts'
import { STATE_SECONDS, stateCookie } from './oidc.cookies.ts'

export const stateOf = (request: FastifyRequest, config: Config): string | undefined => readCookie(request, config, stateCookie)

export const setState = (reply: FastifyReply, config: Config, state: string): FastifyReply => setCookie(reply, config, stateCookie, state, { maxAge: STATE_SECONDS })

export const clearState = (reply: FastifyReply, config: Config): FastifyReply => clearCookie(reply, config, stateCookie)
