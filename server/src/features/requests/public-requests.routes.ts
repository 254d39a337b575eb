import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { problems, Ref } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { RequestChallenge, RequestInput, RequestReceipt, SenderMessage, SentRequest, SupportRequest, TokenParams } from './requests.schemas.ts'

/** What people without an account ask, and what comes of it; and what members ask from inside. */
export function publicRequestsRoutes({ requests }: Pick<Deps, 'requests'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/public/requests/challenge', {
      config: { access: 'public' },
      schema: {
        operationId: 'getRequestChallenge',
        tags: ['public'],
        summary: 'A proof of work (ALTCHA) to solve before a request is sent; good for half an hour, once',
        response: {
          200: Ref(RequestChallenge),
          ...problems,
        },
      },
    }, () => requests.challenge())

    app.post('/public/requests', {
      config: { access: 'public' },
      schema: {
        operationId: 'sendRequest',
        tags: ['public'],
        summary: 'Ask those who run this instance; where mail is sent, a link confirms the address first',
        body: RequestInput,
        response: {
          202: Ref(RequestReceipt),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(202).send(await requests.send(request.caller, request.body)))

    app.get('/public/requests/:token', {
      config: { access: 'public' },
      schema: {
        operationId: 'showSentRequest',
        tags: ['public'],
        summary: 'A request, to whoever has a link to it; confirms nothing',
        params: TokenParams,
        response: {
          200: Ref(SentRequest),
          ...problems,
        },
      },
    }, request => requests.show(request.params.token))

    app.post('/public/requests/:token/confirm', {
      config: { access: 'public' },
      schema: {
        operationId: 'confirmRequest',
        tags: ['public'],
        params: TokenParams,
        response: {
          200: Ref(SentRequest),
          ...problems,
        },
      },
    }, request => requests.confirm(request.caller, request.params.token))

    app.post('/public/requests/:token', {
      config: { access: 'public' },
      schema: {
        operationId: 'writeToRequest',
        tags: ['public'],
        summary: 'One more message of its sender',
        params: TokenParams,
        body: SenderMessage,
        response: {
          200: Ref(SentRequest),
          ...problems,
        },
      },
    }, request => requests.write(request.caller, request.params.token, request.body.message))

    app.post('/me/requests', {
      config: { access: 'session', beforeAgreeing: true },
      schema: {
        operationId: 'askForSupport',
        tags: ['requests'],
        summary: 'Ask those who run this instance, as who is signed in',
        body: SupportRequest,
        response: {
          202: Ref(RequestReceipt),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(202).send(await requests.ask(request.caller, signedInOf(request), request.body)))
  }
}
