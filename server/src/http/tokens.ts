import { hkdfSync, randomUUID } from 'node:crypto'
import jwt from '@fastify/jwt'
import fp from 'fastify-plugin'
import { unauthenticated } from '../errors/common-errors.ts'

export const ACCESS_TOKEN_SECONDS = 15 * 60
export const LINK_GRANT_SECONDS = 60 * 60
export const EXPORT_SECONDS = 5 * 60

interface Claims { typ: string, sub: string, exp: number, sid?: string, rev?: number, asked?: object }

export interface Tokens {
  /** @param seconds how long it lasts */
  signAccess: (session: { userId: string, sessionId: string }, seconds?: number) => string
  /** @throws {AppError} `auth.unauthenticated` for anything but a valid access token of this deployment */
  verifyAccess: (token: string) => { userId: string, sessionId: string }
  signLinkGrant: (grant: { linkId: string, gateRevision: number }) => string
  /** For one export of a log by a browser, which cannot send a header with a click. */
  signExport: (session: { userId: string, sessionId: string }, asked: object) => string
  /** Undefined for anything but a valid one; whether the person still may is for others to say. */
  verifyExport: (token: string) => { session: { userId: string, sessionId: string }, asked: object } | undefined
  /** Undefined for anything but a valid grant; whether it fits the link is the link's to say. */
  verifyLinkGrant: (token: string) => { linkId: string, gateRevision: number } | undefined
}

declare module 'fastify' {
  interface FastifyInstance { tokens: Tokens }
}

/** Derives an independent key for one purpose from the instance key (RFC 5869). */
export function deriveKey(secretKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, 'clientshare', purpose, 32))
}

/**
 * Signed tokens (RFC 7519): HS256 only, every registered claim required, `typ` says what a token is for. They begin and expire by `clock`, not by
 * the machine's: another process may have to judge them.
 */
export const tokensPlugin = fp<{ secretKey: string, publicUrl: string, clock: () => Date }>(async (app, { secretKey, publicUrl, clock }) => {
  await app.register(jwt, {
    secret: deriveKey(secretKey, 'jwt'),
    sign: { algorithm: 'HS256', iss: publicUrl, aud: 'clientshare' },
    verify: {
      algorithms: ['HS256'],
      allowedIss: publicUrl,
      allowedAud: 'clientshare',
      // By the machine's time; `verify` below does it by the deployment's.
      ignoreExpiration: true,
      requiredClaims: ['exp', 'sub', 'aud', 'iss', 'typ'],
    },
  })
  const iat = () => Math.floor(clock().getTime() / 1000)
  const verify = (token: string, typ: string): Claims | undefined => {
    try {
      const claims = app.jwt.verify<Claims>(token)
      return claims.typ === typ && clock().getTime() < claims.exp * 1000
        ? claims
        : undefined
    }
    catch {
      return undefined
    }
  }
  app.decorate('tokens', {
    signAccess: ({ userId, sessionId }, seconds = ACCESS_TOKEN_SECONDS) => app.jwt.sign({
      typ: 'access',
      sid: sessionId,
      iat: iat(),
    }, { sub: userId, expiresIn: seconds }),
    verifyAccess(token) {
      const claims = verify(token, 'access')
      if (!claims?.sid) throw unauthenticated('The access token is missing, wrong or expired')
      return { userId: claims.sub, sessionId: claims.sid }
    },
    signExport: ({ userId, sessionId }, asked) => app.jwt.sign({
      typ: 'export',
      sid: sessionId,
      asked,
      iat: iat(),
    }, { sub: userId, expiresIn: EXPORT_SECONDS }),
    verifyExport(token) {
      const claims = verify(token, 'export')
      return claims?.sid && claims.asked
        ? {
            session: { userId: claims.sub, sessionId: claims.sid },
            asked: claims.asked,
          }
        : undefined
    },
    signLinkGrant: ({ linkId, gateRevision }) => app.jwt.sign({
      typ: 'link-grant',
      // No two visitors have the same: it tells who claimed a download.
      jti: randomUUID(),
      rev: gateRevision,
      iat: iat(),
    }, { sub: linkId, expiresIn: LINK_GRANT_SECONDS }),
    verifyLinkGrant(token) {
      const claims = verify(token, 'link-grant')
      return claims?.rev === undefined
        ? undefined
        : { linkId: claims.sub, gateRevision: claims.rev }
    },
  })
}, { name: 'tokens' })
