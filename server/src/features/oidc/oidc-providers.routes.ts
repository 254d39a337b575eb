import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { setState } from './oidc-cookie.http.ts'
import { Discovered, LookUpInput, OidcProvider, OidcProviderChange, OidcProviderInput, OidcProviderList, OidcProviderParams, SentTo } from './oidc.schemas.ts'

export function oidcProvidersRoutes({ oidc, config }: Pick<Deps, 'oidc' | 'config'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/admin/oidc-providers', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listOidcProviders',
        tags: ['operator'],
        response: {
          200: Ref(OidcProviderList),
          ...problems,
        },
      },
    }, () => oidc.providers.list(null))

    app.post('/admin/oidc-providers/look-up', {
      config: { access: 'operator' },
      schema: {
        operationId: 'lookUpOidcProvider',
        tags: ['operator'],
        summary: 'What an issuer says of itself',
        body: LookUpInput,
        response: {
          200: Ref(Discovered),
          ...problems,
        },
      },
    }, request => oidc.providers.lookUp(null, request.body.issuer))

    app.post('/admin/oidc-providers', {
      config: { access: 'operator', stepUp: true },
      schema: {
        operationId: 'addOidcProvider',
        tags: ['operator'],
        body: OidcProviderInput,
        response: {
          201: Ref(OidcProvider),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await oidc.providers.add(request.caller, signedInOf(request), null, request.body)))

    app.patch('/admin/oidc-providers/:providerId', {
      config: { access: 'operator', stepUp: true },
      schema: {
        operationId: 'changeOidcProvider',
        tags: ['operator'],
        params: OidcProviderParams,
        body: OidcProviderChange,
        response: {
          200: Ref(OidcProvider),
          ...problems,
        },
      },
    }, request => oidc.providers.change(request.caller, signedInOf(request), null, request.params.providerId, request.body))

    app.delete('/admin/oidc-providers/:providerId', {
      config: { access: 'operator', stepUp: true },
      schema: {
        operationId: 'removeOidcProvider',
        tags: ['operator'],
        summary: 'Nobody is connected with it any more',
        params: OidcProviderParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await oidc.providers.remove(request.caller, null, request.params.providerId)
      return reply.status(204).send(null)
    })

    app.post('/admin/oidc-providers/:providerId/try', {
      config: { access: 'operator' },
      schema: {
        operationId: 'tryOidcProvider',
        tags: ['operator'],
        summary: 'Where the browser goes; what the provider says of the person, the operator’s page shows, and nobody is let in by it',
        params: OidcProviderParams,
        response: {
          200: Ref(SentTo),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const { url, state } = await oidc.providers.tryOut(signedInOf(request), null, request.params.providerId)
      return setState(reply, config, state).send({ url })
    })
  }
}
