import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { FactorAdded, Factors, NewTotp, RecoveryCodes, TotpConfirmation } from './factors.schemas.ts'

export const factorsShapes = [
  Factors,
  NewTotp,
  RecoveryCodes,
  FactorAdded,
]

export function factorsRoutes({ ownFactors }: Pick<Deps, 'ownFactors'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/me/factors', {
      config: { access: 'session' },
      schema: {
        operationId: 'listFactors',
        tags: ['auth'],
        summary: 'One’s own second factors',
        response: {
          200: Ref(Factors),
          ...problems,
        },
      },
    }, request => ownFactors.list(signedInOf(request)))

    app.post('/me/totp', {
      config: { access: 'session', stepUp: true },
      schema: {
        operationId: 'beginTotp',
        tags: ['auth'],
        summary: 'A secret for an authenticator app',
        response: {
          200: Ref(NewTotp),
          ...problems,
        },
      },
    }, request => ownFactors.beginTotp(signedInOf(request)))

    app.post('/me/totp/confirm', {
      config: { access: 'session', stepUp: true },
      schema: {
        operationId: 'confirmTotp',
        tags: ['auth'],
        summary: 'By a code that the app shows: from now on each sign-in asks for one',
        body: TotpConfirmation,
        response: {
          200: Ref(FactorAdded),
          ...problems,
        },
      },
    }, request => ownFactors.confirmTotp(request.caller, signedInOf(request), request.body.code))

    app.delete('/me/totp', {
      config: { access: 'session', stepUp: true },
      schema: {
        operationId: 'removeTotp',
        tags: ['auth'],
        summary: 'The recovery codes go with the last factor',
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await ownFactors.removeTotp(request.caller, signedInOf(request))
      return reply.status(204).send(null)
    })

    app.post('/me/recovery-codes', {
      config: { access: 'session', stepUp: true },
      schema: {
        operationId: 'renewRecoveryCodes',
        tags: ['auth'],
        summary: 'Ten new ones; those before are good no longer',
        response: {
          200: Ref(RecoveryCodes),
          ...problems,
        },
      },
    }, request => ownFactors.renewRecoveryCodes(request.caller, signedInOf(request)))
  }
}
