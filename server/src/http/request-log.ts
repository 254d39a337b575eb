import type { FastifyRequest } from 'fastify'
import type { LoggerOptions } from 'pino'
import pg from 'pg'
import { maskAccessTokens } from '../crypto/access-token.ts'
import { tellsQuery } from '../db/db-errors.ts'
import { clientAddressOf } from './client-address.ts'

/** What the log says of requests and errors: enough to find a fault, nothing that opens anything. */
export function logOptions(level: string): LoggerOptions {
  return {
    level,
    serializers: {
      req: (request: FastifyRequest) => ({
        method: request.method,
        url: maskAddress(request.url),
        route: request.routeOptions?.url,
        remoteAddress: clientAddressOf(request),
      }),
      res: (reply: { statusCode: number }) => ({ statusCode: reply.statusCode }),
      err: (error: unknown) => describeError(error),
    },
    redact: [
      '*.headers', // of a request, also as the parser of forms logs it
      'headers.authorization',
      'headers.cookie',
      'headers["x-link-grant"]',
    ],
  }
}

const secretAfter = /^((?:\/api\/v1\/public)?\/(?:s|links|invite|invitations|unsubscribe)\/|\/api\/v1\/downloads\/)[^/]+/i
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** Shorter than half of a secret (crypto/secrets.ts), longer than the words in our addresses. */
const SECRET_LENGTH = 20

/** An address without its query and without what could be a secret: the known places, and any long segment that is no id. */
export function maskAddress(address: string): string {
  const [path = ''] = address.split(/[?#;]/, 1)
  return path
    .replace(secretAfter, '$1***')
    .split('/')
    .map(segment => (segment.length >= SECRET_LENGTH && !uuid.test(segment)
      ? '***'
      : segment))
    .join('/')
}

interface ErrorDescription {
  type: string
  message?: string
  code?: string
  constraint?: string
  table?: string
  stack?: string
  cause?: ErrorDescription
}

/**
 * An error without the values that it carries, and without access tokens. Drizzle's message and PostgreSQL's `detail` repeat the parameters of the statement; the
 * messages of SQLSTATE classes 22 and 23 (data, constraints) may.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) {
    return {
      type: typeof error,
      message: maskAccessTokens(String(error)),
    }
  }
  const cause = error.cause === undefined || depth >= 4
    ? undefined
    : describeError(error.cause, depth + 1)
  if (tellsQuery(error)) {
    return {
      type: error.name,
      stack: framesOf(error),
      cause,
    }
  }
  if (error instanceof pg.DatabaseError) {
    const { code, constraint, table } = error
    return {
      type: error.name,
      message: /^2[23]/.test(code ?? '')
        ? undefined
        : maskAccessTokens(error.message),
      code,
      constraint,
      table,
      stack: framesOf(error),
    }
  }
  return {
    type: error.name,
    message: maskAccessTokens(error.message),
    code: (error as NodeJS.ErrnoException).code,
    stack: error.stack && maskAccessTokens(error.stack),
    cause,
  }
}

const framesOf = (error: Error) => error.stack?.split('\n').filter(line => /^\s+at /.test(line)).join('\n')
