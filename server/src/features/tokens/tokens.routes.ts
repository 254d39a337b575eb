import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { AccessToken, AccessTokenInput, AccessTokenList, AccessTokenParams, CreatedAccessToken } from './tokens.schemas.ts'

export const tokensShapes = [AccessToken, CreatedAccessToken]

export function tokensRoutes({ accessTokens }: Pick<Deps, 'accessTokens'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/me/tokens', {
      config: { access: 'session' },
      schema: {
        operationId: 'listAccessTokens',
        tags: ['tokens'],
        summary: 'One’s own personal access tokens, the newest first',
        response: {
          200: AccessTokenList,
          ...problems,
        },
      },
    }, request => accessTokens.list(signedInOf(request)))

    app.post('/me/tokens', {
      config: { access: 'session', stepUp: true },
      schema: {
        operationId: 'createAccessToken',
        tags: ['tokens'],
        summary: 'A token for programs, that acts as the person, within its scopes',
        body: AccessTokenInput,
        response: {
          201: Ref(CreatedAccessToken),
          ...problems,
        },
      },
    }, async (request, reply) => reply
      .status(201)
      .header('cache-control', 'no-store')
      .send(await accessTokens.create(request.caller, signedInOf(request), request.body)))

    app.get('/me/tokens/:tokenId', {
      config: { access: 'session' },
      schema: {
        operationId: 'getAccessToken',
        tags: ['tokens'],
        params: AccessTokenParams,
        response: {
          200: Ref(AccessToken),
          ...problems,
        },
      },
    }, request => accessTokens.get(signedInOf(request), request.params.tokenId))

    app.delete('/me/tokens/:tokenId', {
      config: { access: 'session' },
      schema: {
        operationId: 'endAccessToken',
        tags: ['tokens'],
        summary: 'Ends it at once, with what was begun by it',
        params: AccessTokenParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await accessTokens.end(request.caller, signedInOf(request), request.params.tokenId)
      return reply.status(204).send(null)
    })
  }
}
