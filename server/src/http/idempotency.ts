import type { FastifyRequest } from 'fastify'
import type { Db } from '../db/database.ts'
import type { Claim } from './idempotency.queries.ts'
import { createHmac } from 'node:crypto'
import fp from 'fastify-plugin'
import { seal, unseal } from '../crypto/secrets.ts'
import { defineError } from '../errors/app-error.ts'
import * as queries from './idempotency.queries.ts'
import { deriveKey } from './tokens.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Honours Idempotency-Key: a repeat is answered like the first time and does nothing. */
    idempotent?: boolean
  }
  interface FastifyRequest {
    /** The kept answer that this request has to fill in. */
    idempotencyClaim: Claim | null
  }
}

const keyReused = defineError('idempotency.key_reused', 422, 'This Idempotency-Key belongs to another request')
const inProgress = defineError('idempotency.in_progress', 409, 'The first request with this Idempotency-Key is still running')

export const KEPT_MS = 86_400_000
/** A request that was cut off by a crash leaves its key claimed; no request of these routes takes this long. */
const ABANDONED_MS = 60_000

/**
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) for routes with `config.idempotent`, per person.
 * Answers are kept sealed: they may carry what the database must not hold in clear, such as a link's address.
 */
export const idempotencyPlugin = fp<{ db: Db, clock: () => Date, secretKey: string }>(async (app, { db, clock, secretKey }) => {
  const sealingKey = deriveKey(secretKey, 'idempotency')
  const fingerprintKey = deriveKey(secretKey, 'idempotency-fingerprint')
  const take = (claim: Claim) => queries.takeClaim(db, claim, {
    kept: new Date(claim.createdAt.getTime() - KEPT_MS),
    abandoned: new Date(claim.createdAt.getTime() - ABANDONED_MS),
  })

  app.decorateRequest('idempotencyClaim', null)

  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key']
    if (!request.routeOptions.config.idempotent || typeof key !== 'string' || !request.personOrNull) return
    const claim = {
      owner: `user:${request.personOrNull.userId}`,
      key,
      fingerprint: fingerprintOf(request, fingerprintKey),
      createdAt: clock(),
    }
    if (await take(claim)) {
      request.idempotencyClaim = claim
      return
    }
    const row = await queries.findClaim(db, claim)
    if (row && !row.fingerprint.equals(claim.fingerprint)) throw keyReused('Use a new key for a new request')
    // No row: the first request failed in this very moment.
    if (!row || row.status === null) throw inProgress({ detail: 'Repeat the request in a moment', retryAfter: 1 })
    return reply
      .status(row.status)
      .header('idempotency-replayed', 'true')
      .header('cache-control', 'no-store')
      .type(row.status < 400
        ? 'application/json; charset=utf-8'
        : 'application/problem+json')
      // As it was: without one, Fastify would add a charset to the type.
      .serializer(String)
      .send(unseal(sealingKey, Buffer.from(row.answer as string, 'base64')))
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const claim = request.idempotencyClaim
    if (!claim) return
    request.idempotencyClaim = null
    // What may turn out otherwise the next time is not kept: failures of the server, and "not now".
    const isFinal = reply.statusCode < 500 && reply.statusCode !== 429 && typeof payload === 'string'
    if (isFinal) {
      await queries.keepAnswer(db, claim, {
        status: reply.statusCode,
        answer: seal(sealingKey, payload).toString('base64'),
      })
    }
    else {
      await queries.dropClaim(db, claim)
    }
  })
}, {
  name: 'idempotency',
  dependencies: ['access'],
})

/** Of method, address and body. Keyed: the body may have a link's password, and a plain hash would let a stolen database be guessed at fast. */
function fingerprintOf(request: FastifyRequest, key: Buffer): Buffer {
  return createHmac('sha256', key).update(JSON.stringify([request.method, request.url, request.body])).digest()
}
