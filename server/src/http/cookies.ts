import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config/config.ts'
import type { FactLanguage } from '../facts/live-fact.ts'

type At = Pick<Config, 'publicUrl'>

/** What a cookie's lifetime goes by, where it is a setting. */
export interface CookieSettings { sessionIdleMinutes: number, sessionTotalMinutes: number | null }

/** A cookie that the server sets. `<feature>.cookies.ts` defines it, `cookies.ts` lists all, and policy texts tell of them. */
export interface Cookie {
  name: (config: At) => string
  sameSite: 'strict' | 'lax'
  /** For which addresses; undefined: whoever sets it says. */
  path?: (config: At) => string
  /** How long a browser keeps it at most. */
  seconds: (settings: CookieSettings) => number
  purpose: Record<FactLanguage, string>
  setWhen: Record<FactLanguage, string>
}

export const defineCookie = (cookie: Cookie): Cookie => cookie

export const isHttps = (config: At) => config.publicUrl.startsWith('https://')

/** `__Host-` needs Secure, and a browser drops Secure cookies over plain http: sign-in would loop. */
export const hostName = (name: string) => (config: At) => isHttps(config)
  ? `__Host-${name}`
  : name

const optionsOf = ({ sameSite, path }: Cookie, config: At, ownPath: string | undefined) => ({
  path: ownPath ?? path?.(config) ?? '/',
  // No script needs to read any of them.
  httpOnly: true,
  sameSite,
  secure: isHttps(config),
})

/** The one way to set a cookie. */
export function setCookie(reply: FastifyReply, config: At, cookie: Cookie, value: string, { maxAge, path }: { maxAge: number, path?: string }): FastifyReply {
  return reply.setCookie(cookie.name(config), value, {
    ...optionsOf(cookie, config, path),
    maxAge,
  })
}

export const clearCookie = (reply: FastifyReply, config: At, cookie: Cookie): FastifyReply => reply.clearCookie(cookie.name(config), optionsOf(cookie, config, undefined))

export const readCookie = (request: FastifyRequest, config: At, cookie: Cookie): string | undefined => request.cookies[cookie.name(config)]
