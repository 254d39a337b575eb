import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Deps } from '../../deps.ts'
import type { MyAccount } from './auth.schemas.ts'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { PasskeyOptions } from '../factors/factors.schemas.ts'
import { SentTo } from '../oidc/oidc.schemas.ts'
import { Person, User } from '../users/users.schemas.ts'
import { LoginAnswer, LoginInput, Me, MeChange, MfaInput, PasskeyLogin, RefreshQuery, SecondStep, SignedInAnswer } from './auth.schemas.ts'
import { clearSessionCookie, refreshTokenOf, setSessionCookie } from './session-cookie.http.ts'

export const authShapes = [
  User,
  Person,
  SignedInAnswer,
  SecondStep,
  Me,
]

export function authRoutes({ auth, oidc, secondFactors, config }: Pick<Deps, 'auth' | 'oidc' | 'secondFactors' | 'config'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post('/auth/login', {
      config: { access: 'public' },
      schema: {
        operationId: 'login',
        tags: ['auth'],
        summary: 'A session; for somebody with a second factor what POST /auth/mfa takes',
        body: LoginInput,
        response: {
          200: LoginAnswer,
          ...problems,
        },
      },
    }, async (request, reply) => {
      const answer = await auth.login(request.caller, request.body)
      return 'mfaToken' in answer
        ? answer
        : setSessionCookie(app, reply, config, answer)
    })

    app.post('/auth/mfa', {
      config: { access: 'public' },
      schema: {
        operationId: 'finishLogin',
        tags: ['auth'],
        summary: 'The second step of a sign-in; five attempts, then again from the password',
        body: MfaInput,
        response: {
          200: Ref(SignedInAnswer),
          ...problems,
        },
      },
    }, async (request, reply) => setSessionCookie(app, reply, config, await auth.finishLogin(request.caller, request.body)))

    app.post('/auth/passkey/options', {
      config: { access: 'public' },
      schema: {
        operationId: 'beginPasskeyLogin',
        tags: ['auth'],
        summary: 'For navigator.credentials.get: a sign-in by a passkey alone',
        response: {
          200: PasskeyOptions,
          ...problems,
        },
      },
    }, request => secondFactors.askAnybody(request.caller))

    app.post('/auth/passkey', {
      config: { access: 'public' },
      schema: {
        operationId: 'loginByPasskey',
        tags: ['auth'],
        summary: 'With what navigator.credentials.get answered; the passkey has to have verified who holds it',
        body: PasskeyLogin,
        response: {
          200: Ref(SignedInAnswer),
          ...problems,
        },
      },
    }, async (request, reply) => setSessionCookie(app, reply, config, await auth.loginByPasskey(request.caller, request.body)))

    app.post('/auth/refresh', {
      config: { access: 'public' },
      schema: {
        operationId: 'refresh',
        tags: ['auth'],
        summary: 'A new access token for the session cookie; the 401 of one that has come to its end by itself says by which limit',
        querystring: RefreshQuery,
        response: {
          200: Ref(SignedInAnswer),
          ...problems,
        },
      },
    }, async (request, reply) => setSessionCookie(app, reply, config, await auth.refresh(request.caller, refreshTokenOf(request, config), request.query.restedSeconds)))

    app.post('/auth/logout', {
      config: { access: 'public' },
      schema: {
        operationId: 'logout',
        tags: ['auth'],
        summary: 'With where the browser goes next, if a provider’s session is to end too that it was begun by',
        response: {
          200: Ref(SentTo),
          204: NoContent,
          ...problems,
        },
      },
    }, async (request, reply) => {
      const vouched = await auth.logout(request.caller, refreshTokenOf(request, config))
      const url = vouched && await oidc.signOutUrl(vouched)
      clearSessionCookie(reply, config)
      return url === undefined
        ? reply.status(204).send(null)
        : reply.send({ url })
    })

    app.get('/me', {
      config: { access: 'session', beforeAgreeing: true },
      schema: {
        operationId: 'getMe',
        tags: ['auth'],
        response: {
          200: Ref(Me),
          ...problems,
        },
      },
    }, async request => withPending(app, request, await auth.me(signedInOf(request))))

    app.patch('/me', {
      config: { access: 'session', beforeAgreeing: true },
      schema: {
        operationId: 'changeMe',
        tags: ['auth'],
        body: MeChange,
        response: {
          200: Ref(Me),
          ...problems,
        },
      },
    }, async request => withPending(app, request, await auth.changeMe(request.caller, signedInOf(request), request.body)))
  }
}

const withPending = async (app: FastifyInstance, request: FastifyRequest, me: MyAccount): Promise<Me> => ({
  ...me,
  pendingPolicies: await app.pendingPolicies(request, me.id),
})
