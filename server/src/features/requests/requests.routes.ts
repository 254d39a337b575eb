import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { problems, Ref } from '../../http/schemas.ts'
import { ContactRequest, RequestAccepted, RequestChange, RequestInput, RequestListQuery, RequestPage, RequestParams } from './requests.schemas.ts'

export const requestsShapes = [RequestAccepted, ContactRequest]

export function requestsRoutes({ requests }: Pick<Deps, 'requests'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post('/public/requests', {
      config: { access: 'public' },
      schema: {
        operationId: 'sendRequest',
        tags: ['public'],
        summary: 'Ask those who run this instance for access or support',
        body: RequestInput,
        response: {
          202: Ref(RequestAccepted),
          ...problems,
        },
      },
    }, async (request, reply) => {
      await requests.receive(request.caller, request.body)
      return reply.status(202).send({ accepted: true })
    })

    app.get('/admin/requests', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listRequests',
        tags: ['operator'],
        summary: 'Newest first',
        querystring: RequestListQuery,
        response: {
          200: RequestPage,
          ...problems,
        },
      },
    }, request => requests.list(request.query))

    app.patch('/admin/requests/:requestId', {
      config: { access: 'operator' },
      schema: {
        operationId: 'changeRequest',
        tags: ['operator'],
        params: RequestParams,
        body: RequestChange,
        response: {
          200: Ref(ContactRequest),
          ...problems,
        },
      },
    }, request => requests.change(request.caller, request.params.requestId, request.body))
  }
}
