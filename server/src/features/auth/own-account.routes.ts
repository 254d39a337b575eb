import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { RequestAccepted } from '../requests/requests.schemas.ts'
import { EndedSessions } from '../users/people.schemas.ts'
import { PasswordChange, ResetAsked, ResetFor, ResetInput, ResetParams, Session, SessionList, SessionParams, StepUpInput, StepUpOptions } from './auth.schemas.ts'

export const ownAccountShapes = [Session, ResetFor, StepUpOptions]

export function ownAccountRoutes({ ownAccount, passwordResets, stepUp }: Pick<Deps, 'ownAccount' | 'passwordResets' | 'stepUp'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post('/me/password', {
      config: { access: 'session', stepUp: true },
      schema: {
        operationId: 'changePassword',
        tags: ['auth'],
        summary: 'Ends every other session',
        body: PasswordChange,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await ownAccount.changePassword(request.caller, signedInOf(request), request.body)
      return reply.status(204).send(null)
    })

    app.post('/me/step-up/options', {
      config: { access: 'session', beforeAgreeing: true },
      schema: {
        operationId: 'stepUpOptions',
        tags: ['auth'],
        summary: 'What POST /me/step-up asks for',
        response: {
          200: Ref(StepUpOptions),
          ...problems,
        },
      },
    }, request => stepUp.ask(signedInOf(request)))

    app.post('/me/step-up', {
      config: { access: 'session', beforeAgreeing: true },
      schema: {
        operationId: 'stepUp',
        tags: ['auth'],
        summary: 'For five minutes this session may call what answers 403 auth.step_up_required',
        body: StepUpInput,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await stepUp.stepUp(request.caller, signedInOf(request), request.body)
      return reply.status(204).send(null)
    })

    app.get('/me/sessions', {
      config: { access: 'session', beforeAgreeing: true },
      schema: {
        operationId: 'listSessions',
        tags: ['auth'],
        summary: 'Where one is signed in, the last used first',
        response: {
          200: SessionList,
          ...problems,
        },
      },
    }, request => ownAccount.listSessions(signedInOf(request)))

    app.delete('/me/sessions', {
      config: { access: 'session', beforeAgreeing: true },
      schema: {
        operationId: 'endOtherSessions',
        tags: ['auth'],
        summary: 'All but the one that asks',
        response: {
          200: Ref(EndedSessions),
          ...problems,
        },
      },
    }, request => ownAccount.endOtherSessions(request.caller, signedInOf(request)))

    app.delete('/me/sessions/:sessionId', {
      config: { access: 'session', beforeAgreeing: true },
      schema: {
        operationId: 'endSession',
        tags: ['auth'],
        params: SessionParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await ownAccount.endSession(request.caller, signedInOf(request), request.params.sessionId)
      return reply.status(204).send(null)
    })

    app.post('/auth/password-reset', {
      config: { access: 'public' },
      schema: {
        operationId: 'askForPasswordReset',
        tags: ['auth'],
        summary: 'Mails a link to the account that has the address, if one has; the answer is the same for all',
        body: ResetAsked,
        response: {
          202: Ref(RequestAccepted),
          ...problems,
        },
      },
    }, async (request, reply) => {
      await passwordResets.ask(request.caller, request.body)
      return reply.status(202).send({ accepted: true })
    })

    app.get('/auth/password-reset/:token', {
      config: { access: 'public' },
      schema: {
        operationId: 'showPasswordReset',
        tags: ['auth'],
        params: ResetParams,
        response: {
          200: Ref(ResetFor),
          ...problems,
        },
      },
    }, request => passwordResets.show(request.params.token))

    app.post('/auth/password-reset/:token', {
      config: { access: 'public' },
      schema: {
        operationId: 'resetPassword',
        tags: ['auth'],
        summary: 'Once: sets the password and ends every session and access token',
        params: ResetParams,
        body: ResetInput,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await passwordResets.use(request.caller, request.params.token, request.body.password)
      return reply.status(204).send(null)
    })
  }
}
