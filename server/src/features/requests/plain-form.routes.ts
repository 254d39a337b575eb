import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import type { PlainProblem } from './request-intake.ts'
import type { PlainRequestInput } from './requests.schemas.ts'
import { problems, Sent } from '../../http/schemas.ts'
import { mailLanguageOf } from '../../mail/define-mail.ts'
import { plainForm } from './plain-form.ts'
import { PlainPageQuery, PlainRequestInput as PlainRequestShape } from './requests.schemas.ts'

/** 5,000 letters of some languages, nine bytes for each. */
const FORM_BYTES = 64 * 1024

/** The form for requests where there is no JavaScript: a page, and a POST that leads back to it. */
export function plainFormRoutes({ requests, acceptances, instance }: Pick<Deps, 'requests' | 'acceptances' | 'instance'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    // Nothing else here takes forms.
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: FORM_BYTES }, async (_request: unknown, body: string) => {
      const form = new URLSearchParams(body)
      const accept = form.getAll('accept')
      return {
        ...Object.fromEntries(form),
        ...accept.length > 0 && { accept },
      }
    })

    const page = async (language: 'en' | 'de', shown: { sent?: string, problem?: PlainProblem, given?: Partial<PlainRequestInput> }) => plainForm({
      ...shown,
      language,
      instance: (await instance.settings()).name,
      policy: await requests.policyToAgree(language),
      pending: await acceptances.pendingOf(null, [language]),
    })

    app.get('/public/contact', {
      config: { access: 'public' },
      schema: {
        operationId: 'getPlainForm',
        tags: ['public'],
        summary: 'The form for requests as a page that needs no JavaScript',
        querystring: PlainPageQuery,
        response: {
          200: Sent('A page', 'text/html'),
          ...problems,
        },
      },
    }, async (request, reply) => reply.type('text/html; charset=utf-8').send(await page(request.query.language ?? mailLanguageOf(request.headers['accept-language']), request.query) as never))

    app.post('/public/contact', {
      config: { access: 'public', bodyBytes: FORM_BYTES },
      attachValidation: true,
      schema: {
        operationId: 'sendPlainForm',
        tags: ['public'],
        summary: 'What that page sends: a request without proof of work, of which fewer are taken',
        consumes: ['application/x-www-form-urlencoded'],
        body: PlainRequestShape,
        response: {
          303: Sent('Back to the page, which says that it was sent', 'text/html'),
          400: Sent('The page again, with what is wrong', 'text/html'),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const given = request.body
      const language = mailLanguageOf(typeof given?.language === 'string'
        ? given.language
        : undefined, request.headers['accept-language'])
      const again = async (status: number, problem: PlainProblem) => reply.status(status as 400).type('text/html; charset=utf-8').send(await page(language, { given, problem }) as never)
      if (request.validationError) return again(400, { code: 'request.invalid', problem: request.validationError.message })
      const sent = await requests.sendPlain(request.caller, { ...given, language })
      if ('problem' in sent) return again(sent.status, sent)
      return reply.status(303).header('location', `/api/v1/public/contact?${new URLSearchParams({ sent: sent.reference, language })}`).send(null as never)
    })
  }
}
