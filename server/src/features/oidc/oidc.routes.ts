import type { FastifyPluginAsyncTypebox, TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { setSessionCookie } from '../auth/session-cookie.http.ts'
import { clearState, setState, stateOf } from './oidc-cookie.http.ts'
import { Discovered, LogoutInput, OidcProvider, OidcProviderList, OwnSignIn, OwnSignInList, ProviderParams, SentTo, SignInProvider, SignInProviderList, SignInProvidersQuery, StartInput } from './oidc.schemas.ts'

export const oidcShapes = [
  SignInProvider,
  OwnSignIn,
  OwnSignInList,
  SentTo,
  OidcProvider,
  OidcProviderList,
  Discovered,
]

const Redirect = Type.Null({ description: 'To the provider, or to a page that says what came of it' })

export function oidcRoutes({ oidc, config }: Pick<Deps, 'oidc' | 'config'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/auth/oidc', {
      config: { access: 'public' },
      schema: {
        operationId: 'listSignInProviders',
        tags: ['oidc'],
        summary: 'By whose word one may sign in; `with` names one of a workspace',
        querystring: SignInProvidersQuery,
        response: {
          200: SignInProviderList,
          ...problems,
        },
      },
    }, async request => ({ items: await oidc.listProviders(request.query.with) }))

    app.post('/auth/oidc/:provider/start', {
      config: { access: 'public' },
      schema: {
        operationId: 'startProviderSignIn',
        tags: ['oidc'],
        summary: 'Where the browser goes to sign in. With a body of JSON, which no other site can send: nobody is signed in who has not pressed a button here',
        params: ProviderParams,
        body: StartInput,
        response: {
          200: Ref(SentTo),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const { url, state } = await oidc.begin(request.caller, request.params.provider, request.body)
      return setState(reply, config, state).send({ url })
    })

    app.get('/auth/oidc/:provider/callback', {
      config: { access: 'public' },
      schema: {
        operationId: 'finishProviderSignIn',
        tags: ['oidc'],
        summary: 'For a browser: where the provider sends it back to',
        params: ProviderParams,
        // Providers send what they like; the library looks at all of it.
        response: { 302: Redirect, ...problems },
      },
    }, async (request, reply) => {
      const { url, session } = await oidc.finish(request.caller, request.params.provider, {
        state: stateOf(request, config),
        query: request.url.split('?', 2)[1] ?? '',
      })
      if (session) await setSessionCookie(app, reply, config, session)
      return clearState(reply, config).redirect(url, 302)
    })

    await app.register(async (forms) => {
      forms.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async (_request: unknown, body: string) => Object.fromEntries(new URLSearchParams(body)))
      forms.withTypeProvider<TypeBoxTypeProvider>().post('/auth/oidc/:provider/logout', {
        config: { access: 'public' },
        schema: {
          operationId: 'logoutByProvider',
          tags: ['oidc'],
          summary: 'For providers: somebody has signed out there (OpenID Connect Back-Channel Logout 1.0)',
          params: ProviderParams,
          consumes: ['application/x-www-form-urlencoded'],
          body: LogoutInput,
          response: { 204: NoContent, ...problems },
        },
      }, async (request, reply) => {
        await oidc.logoutByProvider(request.caller, request.params.provider, request.body.logout_token)
        return reply.status(204).header('cache-control', 'no-store').send(null)
      })
    })

    app.get('/me/oidc', {
      config: { access: 'session' },
      schema: {
        operationId: 'listOwnSignIns',
        tags: ['oidc'],
        summary: 'The providers, and with which one is connected',
        response: {
          200: Ref(OwnSignInList),
          ...problems,
        },
      },
    }, request => oidc.listOwn(signedInOf(request)))

    app.post('/me/oidc/:provider', {
      config: { access: 'session', stepUp: true },
      schema: {
        operationId: 'connectSignIn',
        tags: ['oidc'],
        summary: 'Where the browser goes, to show who one is there; it is connected when it comes back',
        params: ProviderParams,
        response: {
          200: Ref(SentTo),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const { url, state } = await oidc.connect(signedInOf(request), request.params.provider)
      return setState(reply, config, state).send({ url })
    })

    app.delete('/me/oidc/:provider', {
      config: { access: 'session', stepUp: true },
      schema: {
        operationId: 'disconnectSignIn',
        tags: ['oidc'],
        params: ProviderParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await oidc.disconnect(request.caller, signedInOf(request), request.params.provider)
      return reply.status(204).send(null)
    })
  }
}
