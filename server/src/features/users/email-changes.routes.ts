import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { RequestAccepted } from '../requests/requests.schemas.ts'
import { EmailChangeInput, EmailLink, EmailLinkFor, EmailLinkParams } from './email-changes.schemas.ts'
import { UserParams } from './people.schemas.ts'

export const emailChangesShapes = [EmailLink, EmailLinkFor]

export function emailChangesRoutes({ emailChanges }: Pick<Deps, 'emailChanges'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post('/me/email', {
      config: { access: 'session', stepUp: true },
      schema: {
        operationId: 'askForEmailChange',
        tags: ['auth'],
        summary: 'Mails a link to the new address; the answer is the same whether somebody has it',
        body: EmailChangeInput,
        response: {
          202: Ref(RequestAccepted),
          ...problems,
        },
      },
    }, async (request, reply) => {
      await emailChanges.ask(request.caller, signedInOf(request), request.body)
      return reply.status(202).send({ accepted: true })
    })

    app.get('/auth/email/:token', {
      config: { access: 'public' },
      schema: {
        operationId: 'showEmailLink',
        tags: ['auth'],
        params: EmailLinkParams,
        response: {
          200: Ref(EmailLinkFor),
          ...problems,
        },
      },
    }, request => emailChanges.show(request.params.token))

    app.post('/auth/email/:token', {
      config: { access: 'public' },
      schema: {
        operationId: 'confirmEmail',
        tags: ['auth'],
        summary: 'Once: the new address is the person’s',
        params: EmailLinkParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await emailChanges.confirm(request.caller, request.params.token)
      return reply.status(204).send(null)
    })

    app.post('/auth/email/:token/undo', {
      config: { access: 'public' },
      schema: {
        operationId: 'undoEmailChange',
        tags: ['auth'],
        summary: 'Once: the address before is the person’s again, everything ends that was signed in, and a new password is to be set by the link in the answer',
        params: EmailLinkParams,
        response: {
          200: Ref(EmailLink),
          ...problems,
        },
      },
    }, async (request, reply) => reply.header('cache-control', 'no-store').send(await emailChanges.undo(request.caller, request.params.token)))

    app.post('/admin/users/:userId/email-link', {
      config: { access: 'operator', stepUp: true },
      schema: {
        operationId: 'makeEmailLink',
        tags: ['operator'],
        summary: 'A link by which the person confirms the address that they asked for, to be passed on; it replaces the one before',
        params: UserParams,
        response: {
          201: Ref(EmailLink),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await emailChanges.makeLink(request.caller, request.params.userId)))
  }
}
