import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { MailListQuery, MailPage, MailParams, MailPreview, MailStatus, MailSuppression, MailTemplate, MailTemplates, MailTest, MailTestInput, OutboxMail, OutboxMailDetail, SuppressionPage, SuppressionParams, SuppressionQuery, TemplateParams, TemplateQuery } from './mail.schemas.ts'

export const mailShapes = [
  MailStatus,
  OutboxMail,
  OutboxMailDetail,
  MailTest,
  MailSuppression,
  MailTemplate,
  MailPreview,
]

export function mailRoutes({ operatorMail: mail }: Pick<Deps, 'operatorMail'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/admin/mail', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getMailStatus',
        tags: ['operator'],
        summary: 'How mail leaves, and how much waits',
        response: {
          200: Ref(MailStatus),
          ...problems,
        },
      },
    }, () => mail.status())

    app.post('/admin/mail/test', {
      config: { access: 'operator' },
      schema: {
        operationId: 'testMail',
        tags: ['operator'],
        summary: 'Sends a mail at once, and tells all that was said',
        body: MailTestInput,
        response: {
          200: Ref(MailTest),
          ...problems,
        },
      },
    }, request => mail.test(request.caller, request.body))

    app.get('/admin/mails', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listMails',
        tags: ['operator'],
        summary: 'The outbox, newest first',
        querystring: MailListQuery,
        response: {
          200: MailPage,
          ...problems,
        },
      },
    }, request => mail.list(request.query))

    app.get('/admin/mails/:mailId', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getMail',
        tags: ['operator'],
        summary: 'With each try and its answer',
        params: MailParams,
        response: {
          200: Ref(OutboxMailDetail),
          ...problems,
        },
      },
    }, request => mail.get(request.params.mailId))

    app.post('/admin/mails/:mailId/resend', {
      config: { access: 'operator' },
      schema: {
        operationId: 'resendMail',
        tags: ['operator'],
        summary: 'Again, with the same Message-ID',
        params: MailParams,
        response: {
          200: Ref(OutboxMailDetail),
          ...problems,
        },
      },
    }, request => mail.resend(request.caller, request.params.mailId))

    app.get('/admin/mail-suppressions', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listMailSuppressions',
        tags: ['operator'],
        summary: 'Addresses that do not exist, newest first',
        querystring: SuppressionQuery,
        response: {
          200: SuppressionPage,
          ...problems,
        },
      },
    }, request => mail.listSuppressions(request.query))

    app.delete('/admin/mail-suppressions/:address', {
      config: { access: 'operator' },
      schema: {
        operationId: 'allowMailAddress',
        tags: ['operator'],
        summary: 'Mails go there again',
        params: SuppressionParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await mail.allow(request.caller, request.params.address)
      return reply.status(204).send(null)
    })

    app.get('/admin/mail-templates', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listMailTemplates',
        tags: ['operator'],
        response: {
          200: MailTemplates,
          ...problems,
        },
      },
    }, async () => mail.templates())

    app.get('/admin/mail-templates/:name', {
      config: { access: 'operator' },
      schema: {
        operationId: 'previewMail',
        tags: ['operator'],
        summary: 'With made-up data',
        params: TemplateParams,
        querystring: TemplateQuery,
        response: {
          200: Ref(MailPreview),
          ...problems,
        },
      },
    }, request => mail.preview(request.params.name, request.query.language))
  }
}
