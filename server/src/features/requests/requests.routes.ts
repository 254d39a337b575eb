import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { problems, Ref } from '../../http/schemas.ts'
import { ContactRequest, FoundedWorkspace, RequestAccepted, RequestApproval, RequestChallenge, RequestChange, RequestExtension, RequestListQuery, RequestNote, RequestPage, RequestParams, RequestReceipt, RequestReply, RequestTemplates, RequestTemplatesInput, RequestThread, SentRequest, WorkspaceFor } from './requests.schemas.ts'

export const requestsShapes = [
  RequestAccepted,
  RequestReceipt,
  RequestChallenge,
  SentRequest,
  ContactRequest,
  RequestThread,
  FoundedWorkspace,
  RequestTemplates,
]

/** The operators' inbox. */
export function requestsRoutes({ requests }: Pick<Deps, 'requests'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/admin/requests', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listRequests',
        tags: ['operator'],
        summary: 'The last that came first',
        querystring: RequestListQuery,
        response: {
          200: RequestPage,
          ...problems,
        },
      },
    }, request => requests.list(request.query))

    app.get('/admin/requests/:requestId', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getRequest',
        tags: ['operator'],
        params: RequestParams,
        response: {
          200: Ref(RequestThread),
          ...problems,
        },
      },
    }, request => requests.get(request.params.requestId))

    app.patch('/admin/requests/:requestId', {
      config: { access: 'operator' },
      schema: {
        operationId: 'changeRequest',
        tags: ['operator'],
        summary: 'Its state, and whose it is',
        params: RequestParams,
        body: RequestChange,
        response: {
          200: Ref(RequestThread),
          ...problems,
        },
      },
    }, request => requests.change(request.caller, request.params.requestId, request.body))

    app.post('/admin/requests/:requestId/notes', {
      config: { access: 'operator', idempotent: true },
      schema: {
        operationId: 'noteOnRequest',
        tags: ['operator'],
        summary: 'For operators alone',
        params: RequestParams,
        body: RequestNote,
        response: {
          200: Ref(RequestThread),
          ...problems,
        },
      },
    }, request => requests.note(request.caller, request.params.requestId, request.body.text))

    app.post('/admin/requests/:requestId/replies', {
      config: { access: 'operator', idempotent: true },
      schema: {
        operationId: 'replyToRequest',
        tags: ['operator'],
        summary: 'To its sender, by mail where mail is sent, and on the page of the request',
        params: RequestParams,
        body: RequestReply,
        response: {
          200: Ref(RequestThread),
          ...problems,
        },
      },
    }, request => requests.reply(request.caller, request.params.requestId, request.body))

    app.post('/admin/requests/:requestId/extend', {
      config: { access: 'operator' },
      schema: {
        operationId: 'extendRequest',
        tags: ['operator'],
        summary: 'Of a privacy request, once: two more months, and its sender is told why',
        params: RequestParams,
        body: RequestExtension,
        response: {
          200: Ref(RequestThread),
          ...problems,
        },
      },
    }, request => requests.extend(request.caller, request.params.requestId, request.body.reason))

    app.post('/admin/requests/:requestId/approve', {
      config: { access: 'operator', stepUp: true },
      schema: {
        operationId: 'approveRequest',
        tags: ['operator'],
        summary: 'Once: makes the workspace with its sender as the owner, who sets a password by a mail',
        params: RequestParams,
        body: RequestApproval,
        response: {
          201: Ref(FoundedWorkspace),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await requests.approve(request.caller, request.params.requestId, request.body)))

    app.post('/admin/workspaces', {
      config: { access: 'operator', stepUp: true },
      schema: {
        operationId: 'createWorkspaceFor',
        tags: ['operator'],
        summary: 'A workspace for somebody: whoever has the address, or somebody new, who sets a password by a mail',
        body: WorkspaceFor,
        response: {
          201: Ref(FoundedWorkspace),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await requests.found(request.caller, request.body)))

    app.get('/admin/request-templates', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listRequestTemplates',
        tags: ['operator'],
        response: {
          200: Ref(RequestTemplates),
          ...problems,
        },
      },
    }, () => requests.templates())

    app.put('/admin/request-templates', {
      config: { access: 'operator' },
      schema: {
        operationId: 'setRequestTemplates',
        tags: ['operator'],
        summary: 'All of them at once',
        body: RequestTemplatesInput,
        response: {
          200: Ref(RequestTemplates),
          ...problems,
        },
      },
    }, request => requests.setTemplates(request.caller, request.body))
  }
}
