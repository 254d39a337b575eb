import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { AppError } from '../errors/app-error.ts'
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { headersTooLarge, requestMalformed, requestTimeout, requestTooLarge } from '../errors/common-errors.ts'
import { LINGER_MS, problemOf, sendProblem, toAppError } from './problem.ts'

/** For addresses that the router cannot read: no hook has run, and no error handler would. */
export function answerFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  request.log.info({ code: error.code }, 'request refused')
  void sendProblem(request, reply.headers({ 'x-content-type-options': 'nosniff' }), toAppError(error))
}

/** Sockets that have their answer and are only read to the end. */
const lingering = new WeakSet<Socket>()

/** For what is no HTTP request, or did not become one in time. There is nothing but the socket yet. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  // Node tells of each piece that the broken parser is given after that.
  if (lingering.has(socket)) return
  const { _httpMessage: begun } = socket as Socket & { _httpMessage?: ServerResponse }
  if (socket.destroyed || !socket.writable || error.code === 'ECONNRESET' || begun?.headersSent) {
    socket.destroy()
    return
  }
  const problem = kinds[error.code ?? ''] ?? requestMalformed()
  const { status } = problem
  const body = JSON.stringify(problemOf(problem, randomUUID()))
  lingering.add(socket)
  // As after a request that is refused: closed at once, the connection would take the answer along. Who stood still sends nothing more.
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref()
  socket.once('close', () => clearTimeout(timer))
  socket.resume()
  socket.end([
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    body,
  ].join('\r\n'), () => { if (status === 408) socket.destroy() })
}

const kinds: Record<string, AppError> = {
  ERR_HTTP_REQUEST_TIMEOUT: requestTimeout('The request did not arrive in time'),
  HPE_HEADER_OVERFLOW: headersTooLarge(),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: requestTooLarge('The chunk extensions are too large'),
}
