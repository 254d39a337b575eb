import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { ErrorFactory } from '../errors/app-error.ts'
import { STATUS_CODES } from 'node:http'
import { Readable } from 'node:stream'
import fp from 'fastify-plugin'
import { isDatabaseUnavailable, isUnstorable } from '../db/db-errors.ts'
import { AppError } from '../errors/app-error.ts'
import { internal, notFound, requestInvalid, requestNotJson, requestTimeout, requestTooLarge, storageFull, unavailable, wrongMediaType, wrongMethod } from '../errors/common-errors.ts'
import { IdleTimeoutError, withIdleTimeout } from '../storage/idle-timeout.ts'
import { StorageError } from '../storage/storage.ts'
import { isAmbiguous, learnPaths } from './paths.ts'

/** Renders every failure as RFC 9457 problem+json. Only an AppError's words reach the caller. */
export const problemPlugin = fp<{ bodyIdleMs: number }>(async (app, { bodyIdleMs }) => {
  const paths = learnPaths(app)
  const pathOf = ({ url }: FastifyRequest) => url.split('?', 1)[0]!
  function nothingThere(request: FastifyRequest, reply: FastifyReply): AppError {
    const methods = paths.methodsOf(pathOf(request))
    if (methods.length === 0 || methods.includes(request.method)) return notFound('There is nothing at this address')
    reply.header('allow', methods.join(', '))
    return wrongMethod(`Here are ${methods.join(', ')}`)
  }

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const shown = toAppError(error)
    // The request's own error is its client leaving; nobody hears the answer.
    if (error === request.raw.errored) request.log.info('client gone')
    else if (shown.status >= 500) request.log.error({ err: shown.cause ?? error }, shown.code)
    // Not the detail: it may repeat what was sent.
    else request.log.info({ code: shown.code }, 'request refused')
    return sendProblem(request, reply, shown)
  })
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, nothingThere(request, reply)))

  let closing = false
  app.addHook('preClose', async () => { closing = true })
  app.addHook('onRequest', async (_request, reply) => {
    if (!closing) return
    reply.header('connection', 'close')
    throw unavailable({ detail: 'The server is stopping', retryAfter: 5 })
  })
  // Before its body is read: nobody wants it.
  app.addHook('onRequest', async (request, reply) => {
    if (isAmbiguous(request.raw.url!)) throw requestInvalid('The address is not well formed')
    const path = pathOf(request)
    if (request.is404 || paths.isOthers(request.routeOptions.url ?? '', path)) throw nothingThere(request, reply)
  })

  // The client would keep the connection for its next request, and close() waits for connections.
  app.addHook('onResponse', async (request) => {
    if (closing) request.raw.socket.destroySoon()
  })

  // Bodies that are read whole before their handler runs; streamed ones are watched by who streams them.
  app.addHook('preParsing', async (request, _reply, payload) => (/^(?:application\/(?:[\w.-]+\+)?json|text\/plain)\b/i.test(request.headers['content-type'] ?? '')
    ? withIdleTimeout(payload as Readable, { idleMs: bodyIdleMs })
    : payload))
}, { name: 'problem' })

/** The document of RFC 9457 that callers see of an error. */
export function problemOf(error: AppError, requestId: string): Record<string, unknown> {
  return {
    type: 'about:blank',
    title: error.title,
    status: error.status,
    detail: error.detail ?? error.title,
    code: error.code,
    requestId,
    ...(error.fields
      ? { errors: error.fields }
      : {}),
    ...error.extra,
  }
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: AppError): FastifyReply {
  if (error.retryAfter !== undefined) reply.header('retry-after', String(Math.ceil(error.retryAfter)))
  else if (error.status === 503) reply.header('retry-after', '5')
  // Nothing more will come from somebody who stood still.
  if (error.status === 408) reply.header('connection', 'close')
  const problem = problemOf(error, request.id)
  reply
    .status(error.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .serializer((body: unknown) => JSON.stringify(body))
  return error.status !== 408 && request.raw.complete === false && request.method !== 'HEAD'
    ? sendAndLinger(request, reply, JSON.stringify(problem))
    : reply.send(problem)
}

/** Long enough for what a client has under way, too short to be worth sending on. */
export const LINGER_MS = 5000

/**
 * Answers at once and throws away what the client still sends: a connection closed under a client that is writing loses the answer
 * (RFC 9112 §9.6). So the answer, whole for who reads its length, ends only with the request; one that goes on for too long is cut off.
 */
function sendAndLinger({ raw: request }: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  reply.raw.once('finish', () => { if (!request.complete) request.destroy() })
  return reply
    .header('content-length', Buffer.byteLength(text))
    .send(Readable.from((async function* () {
      yield text
      await drained(request)
    })()))
}

/** Resolves when the request has come to its end, however, or has had LINGER_MS to. */
async function drained(request: IncomingMessage): Promise<void> {
  request.unpipe() // whoever read it (a form's parser) would hold it back again
  request.resume()
  if (request.complete || request.destroyed) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LINGER_MS).unref()
    for (const over of ['end', 'close']) {
      request.once(over, () => {
        clearTimeout(timer)
        resolve()
      })
    }
  })
}

export function toAppError(error: FastifyError): AppError {
  if (error instanceof AppError) return error
  if (error.validation) return invalidRequest(error)
  if (error instanceof StorageError && error.kind === 'full') {
    return storageFull({ detail: 'Nothing was saved. Tell whoever runs this server.', cause: error })
  }
  if (isDatabaseUnavailable(error) || (error instanceof StorageError && error.kind === 'unavailable')) return unavailable({ cause: error })
  if (error instanceof IdleTimeoutError) {
    return requestTimeout({ detail: 'The body stopped before its end', cause: error })
  }
  if (isUnstorable(error)) return requestInvalid({ detail: 'The request contains a character or a number that cannot be stored', cause: error })
  const status = error.statusCode ?? 500
  if (status >= 400 && status < 500) {
    const refused = (frameworkErrors[error.code] ?? requestInvalid).as(status, STATUS_CODES[status])
    return refused({ detail: frameworkDetails[error.code] ?? error.message, cause: error })
  }
  return internal({ detail: 'It is in the server’s log under this request id.', cause: error })
}

const frameworkErrors: Record<string, ErrorFactory> = {
  FST_ERR_CTP_BODY_TOO_LARGE: requestTooLarge,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: wrongMediaType,
  FST_ERR_CTP_INVALID_JSON_BODY: requestNotJson,
  FST_ERR_CTP_EMPTY_JSON_BODY: requestNotJson,
}

/** Their own messages repeat the address, and with it a token that may be part of it. */
const frameworkDetails: Record<string, string> = {
  FST_ERR_BAD_URL: 'The address is not well formed',
  FST_ERR_MAX_PARAM_LENGTH: 'A part of the address is too long',
}

type Violation = NonNullable<FastifyError['validation']>[number]

/**
 * What the sender can mend. A value that may also be null breaks three rules at once, of which only its own says anything; where several
 * forms were possible, that none fits says more than why each does not.
 */
function tellingOnly(violations: readonly Violation[]): Violation[] {
  const unions = violations.filter(({ keyword }) => keyword === 'anyOf')
  const inside = (union: Violation) => violations.filter(({ keyword, instancePath, params }) => keyword !== 'anyOf' && params.type !== 'null' && `${instancePath}/`.startsWith(`${union.instancePath}/`))
  const silent = new Set(unions.flatMap(union => inside(union).length === 1
    ? [
        union,
        ...violations.filter(({ instancePath, params }) => params.type === 'null' && instancePath === union.instancePath),
      ]
    : violations.filter(one => one !== union && `${one.instancePath}/`.startsWith(`${union.instancePath}/`))))
  return violations.filter(violation => !silent.has(violation))
}

function invalidRequest(error: FastifyError): AppError {
  const fields = tellingOnly(error.validation ?? []).map((problem) => {
    const params = problem.params as { missingProperty?: string, additionalProperty?: string }
    const name = params.missingProperty ?? params.additionalProperty
    return {
      // The whole body is "" (RFC 6901 §5).
      pointer: `${problem.instancePath}${name === undefined
        ? ''
        : `/${name}`}`,
      detail: params.additionalProperty
        ? 'is not a known field'
        : params.missingProperty
          ? 'is required'
          : (problem.message ?? 'is not valid'),
    }
  })
  const where = error.validationContext === 'body'
    ? 'body'
    : error.validationContext === 'params'
      ? 'address'
      : error.validationContext ?? 'request'
  return requestInvalid({ detail: `The ${where} is not valid: ${fields.map(field => `${field.pointer} ${field.detail}`.trim()).join('; ')}`, fields, cause: error })
}
