import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { problems, Ref } from '../../http/schemas.ts'
import { EndedSessions, ResetLink, UserAccount, UserChange, UserListQuery, UserPage, UserParams } from './people.schemas.ts'

export const peopleShapes = [UserAccount, EndedSessions, ResetLink]

export function peopleRoutes({ people }: Pick<Deps, 'people'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/admin/users', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listUsers',
        tags: ['operator'],
        summary: 'Everybody with an account, by address',
        querystring: UserListQuery,
        response: {
          200: UserPage,
          ...problems,
        },
      },
    }, request => people.list(request.query))

    app.patch('/admin/users/:userId', {
      config: { access: 'operator', stepUp: true },
      schema: {
        operationId: 'changeUser',
        tags: ['operator'],
        params: UserParams,
        body: UserChange,
        response: {
          200: Ref(UserAccount),
          ...problems,
        },
      },
    }, request => people.change(request.caller, request.params.userId, request.body))

    app.post('/admin/users/:userId/end-sessions', {
      config: { access: 'operator', stepUp: true },
      schema: {
        operationId: 'endSessionsOfUser',
        tags: ['operator'],
        summary: 'Signs the person out everywhere',
        params: UserParams,
        response: {
          200: Ref(EndedSessions),
          ...problems,
        },
      },
    }, request => people.endSessions(request.caller, request.params.userId))

    app.post('/admin/users/:userId/reset-factors', {
      config: { access: 'operator', stepUp: true },
      schema: {
        operationId: 'resetFactorsOfUser',
        tags: ['operator'],
        summary: 'For somebody who has lost their second factor: takes all of them away, and signs the person out everywhere',
        params: UserParams,
        response: {
          200: Ref(EndedSessions),
          ...problems,
        },
      },
    }, request => people.resetFactors(request.caller, request.params.userId))

    app.post('/admin/users/:userId/reset-link', {
      config: { access: 'operator', stepUp: true },
      schema: {
        operationId: 'makeResetLink',
        tags: ['operator'],
        summary: 'A link by which the person chooses a new password, to be passed on; it replaces the one before',
        params: UserParams,
        response: {
          201: Ref(ResetLink),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await people.makeResetLink(request.caller, request.params.userId)))
  }
}
