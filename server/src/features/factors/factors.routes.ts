import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { FactorAdded, Factors, NewTotp, PasskeyChange, PasskeyInput, PasskeyOptions, PasskeyParams, RecoveryCodes, TotpConfirmation } from './factors.schemas.ts'

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

    app.post('/me/passkeys/options', {
      config: { access: 'session', stepUp: true },
      schema: {
        operationId: 'beginPasskey',
        tags: ['auth'],
        summary: 'For navigator.credentials.create',
        response: {
          200: PasskeyOptions,
          ...problems,
        },
      },
    }, request => ownFactors.beginPasskey(signedInOf(request)))

    app.post('/me/passkeys', {
      config: { access: 'session', stepUp: true },
      schema: {
        operationId: 'addPasskey',
        tags: ['auth'],
        summary: 'From now on each sign-in by a password asks for a second factor',
        body: PasskeyInput,
        response: {
          201: Ref(FactorAdded),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await ownFactors.addPasskey(request.caller, signedInOf(request), request.body)))

    app.patch('/me/passkeys/:passkeyId', {
      config: { access: 'session' },
      schema: {
        operationId: 'renamePasskey',
        tags: ['auth'],
        summary: 'Its name is for oneself: on the account page and in one’s log',
        params: PasskeyParams,
        body: PasskeyChange,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await ownFactors.renamePasskey(request.caller, signedInOf(request), request.params.passkeyId, request.body)
      return reply.status(204).send(null)
    })

    app.delete('/me/passkeys/:passkeyId', {
      config: { access: 'session', stepUp: true },
      schema: {
        operationId: 'removePasskey',
        tags: ['auth'],
        summary: 'The recovery codes go with the last factor',
        params: PasskeyParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await ownFactors.removePasskey(request.caller, signedInOf(request), request.params.passkeyId)
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
