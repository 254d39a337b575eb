import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { AppError } from '../errors/app-error.ts'
import { problemOf, sendProblem, toAppError } from './problem.ts'

/** For addresses that the router cannot read: no hook has run, and no error handler would. */
export function answerFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  request.log.info({ code: error.code }, 'request refused')
  void sendProblem(request, reply.headers({ 'x-content-type-options': 'nosniff' }), toAppError(error))
}

/** For what is no HTTP request, or did not become one in time. There is nothing but the socket yet. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const { _httpMessage: begun } = socket as Socket & { _httpMessage?: ServerResponse }
  if (socket.destroyed || !socket.writable || error.code === 'ECONNRESET' || begun?.headersSent) {
    socket.destroy()
    return
  }
  const [status, code, detail] = kinds[error.code ?? ''] ?? [400, 'request.malformed', 'This is not a valid HTTP request']
  const body = JSON.stringify(problemOf(new AppError({
    code,
    status,
    title: STATUS_CODES[status]!,
    detail,
  }), randomUUID()))
  socket.end([
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    body,
  ].join('\r\n'), () => socket.destroy())
}

const kinds: Record<string, [status: number, code: string, detail: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request.timeout', 'The request did not arrive in time'],
  HPE_HEADER_OVERFLOW: [431, 'request.headers_too_large', 'The headers are too large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'request.too_large', 'The chunk extensions are too large'],
}
