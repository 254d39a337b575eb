import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { NoContent, problems, Ref, WorkspaceParams } from '../../http/schemas.ts'
import { memberOf, signedInOf } from '../access/access.plugin.ts'
import { setState } from './oidc-cookie.http.ts'
import { Discovered, LookUpInput, OidcProvider, OidcProviderChange, OidcProviderInput, OidcProviderList, SentTo, WorkspaceProviderParams } from './oidc.schemas.ts'

/** A workspace's own providers, for those who manage its members. */
export function workspaceProvidersRoutes({ oidc, config }: Pick<Deps, 'oidc' | 'config'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/workspaces/:workspaceId/oidc-providers', {
      config: {
        access: { workspace: 'members.manage' },
      },
      schema: {
        operationId: 'listWorkspaceProviders',
        tags: ['workspaces'],
        params: WorkspaceParams,
        response: {
          200: Ref(OidcProviderList),
          ...problems,
        },
      },
    }, request => oidc.providers.list(memberOf(request).workspaceId))

    app.post('/workspaces/:workspaceId/oidc-providers/look-up', {
      config: {
        access: { workspace: 'members.manage' },
      },
      schema: {
        operationId: 'lookUpWorkspaceProvider',
        tags: ['workspaces'],
        summary: 'What an issuer says of itself',
        params: WorkspaceParams,
        body: LookUpInput,
        response: {
          200: Ref(Discovered),
          ...problems,
        },
      },
    }, request => oidc.providers.lookUp(memberOf(request).workspaceId, request.body.issuer))

    app.post('/workspaces/:workspaceId/oidc-providers', {
      config: {
        access: { workspace: 'members.manage' },
        stepUp: true,
      },
      schema: {
        operationId: 'addWorkspaceProvider',
        tags: ['workspaces'],
        params: WorkspaceParams,
        body: OidcProviderInput,
        response: {
          201: Ref(OidcProvider),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await oidc.providers.add(request.caller, signedInOf(request), memberOf(request).workspaceId, request.body)))

    app.patch('/workspaces/:workspaceId/oidc-providers/:providerId', {
      config: {
        access: { workspace: 'members.manage' },
        stepUp: true,
      },
      schema: {
        operationId: 'changeWorkspaceProvider',
        tags: ['workspaces'],
        params: WorkspaceProviderParams,
        body: OidcProviderChange,
        response: {
          200: Ref(OidcProvider),
          ...problems,
        },
      },
    }, request => oidc.providers.change(request.caller, signedInOf(request), memberOf(request).workspaceId, request.params.providerId, request.body))

    app.delete('/workspaces/:workspaceId/oidc-providers/:providerId', {
      config: {
        access: { workspace: 'members.manage' },
        stepUp: true,
      },
      schema: {
        operationId: 'removeWorkspaceProvider',
        tags: ['workspaces'],
        summary: 'Nobody is connected with it any more, nor signed in by it',
        params: WorkspaceProviderParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await oidc.providers.remove(request.caller, memberOf(request).workspaceId, request.params.providerId)
      return reply.status(204).send(null)
    })

    app.post('/workspaces/:workspaceId/oidc-providers/:providerId/try', {
      config: {
        access: { workspace: 'members.manage' },
      },
      schema: {
        operationId: 'tryWorkspaceProvider',
        tags: ['workspaces'],
        summary: 'Where the browser goes; what the provider says of the person, the workspace’s page shows, and nobody is let in by it',
        params: WorkspaceProviderParams,
        response: {
          200: Ref(SentTo),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const { url, state } = await oidc.providers.tryOut(signedInOf(request), memberOf(request).workspaceId, request.params.providerId)
      return setState(reply, config, state).send({ url })
    })
  }
}
