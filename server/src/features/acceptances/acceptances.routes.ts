import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { attachment } from '../../http/attachment.ts'
import { languagesOf } from '../../http/languages.ts'
import { Page, problems, Ref, Sent } from '../../http/schemas.ts'
import { personOf, signedInOf } from '../access/access.plugin.ts'
import { mediaTypes } from '../audit/audit-export.ts'
import { PolicyParams } from '../policies/policies.schemas.ts'
import { AcceptanceInput, AcceptanceQuery, OwnAcceptance, PendingPolicy, PendingQuery, PolicyAcceptance, PolicyAcceptancePage } from './acceptances.schemas.ts'

export const acceptancesShapes = [
  PendingPolicy,
  OwnAcceptance,
  PolicyAcceptance,
  PolicyAcceptancePage,
]

export function acceptancesRoutes({ acceptances }: Pick<Deps, 'acceptances'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post('/policy-acceptances', {
      config: { access: 'session', beforeAgreeing: true },
      schema: {
        operationId: 'acceptPolicy',
        tags: ['auth'],
        summary: 'Agrees to a text as it was shown; said twice, the first stays and is answered',
        body: AcceptanceInput,
        response: {
          200: Ref(OwnAcceptance),
          201: Ref(OwnAcceptance),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const { acceptance, isNew } = await acceptances.accept(request.caller, signedInOf(request), request.body)
      return reply.status(isNew
        ? 201
        : 200).send(acceptance)
    })

    app.get('/public/pending-policies', {
      config: { access: 'public' },
      schema: {
        operationId: 'listPendingPolicies',
        tags: ['public'],
        summary: 'What somebody without an account agrees to who joins, makes an account or asks for something, in the language that is asked for or that the browser prefers',
        querystring: PendingQuery,
        response: {
          200: Page(Ref(PendingPolicy)),
          ...problems,
        },
      },
    }, async (request, reply) => {
      reply.header('vary', 'accept-language')
      const { language } = request.query
      const items = await acceptances.pendingOf(null, [
        ...language === undefined
          ? []
          : [language],
        ...languagesOf(request.headers['accept-language']),
      ])
      return { items, nextCursor: null }
    })

    app.get('/me/policy-acceptances', {
      config: { access: 'session', beforeAgreeing: true },
      schema: {
        operationId: 'listOwnAcceptances',
        tags: ['auth'],
        summary: 'What the caller agreed to, newest first',
        response: {
          200: Page(Ref(OwnAcceptance)),
          ...problems,
        },
      },
    }, async request => ({ items: await acceptances.listOwn(personOf(request).userId), nextCursor: null }))

    app.get('/admin/policies/:policyId/acceptances', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listPolicyAcceptances',
        tags: ['operator'],
        summary: 'Who agreed to which version, newest first; with Accept: text/csv all that fit, to download',
        params: PolicyParams,
        querystring: AcceptanceQuery,
        response: {
          200: {
            description: 'A page; as CSV all of them, one a line',
            content: {
              'application/json': {
                schema: Ref(PolicyAcceptancePage),
              },
              ...Sent('', 'text/csv').content,
            },
          },
          ...problems,
        },
      },
    }, async (request, reply) => {
      reply.header('vary', 'accept')
      if (!/^text\/csv\b/.test(request.headers.accept ?? '')) return acceptances.listOfPolicy(request.params.policyId, request.query)
      return reply.headers({
        'content-type': mediaTypes.csv,
        'content-disposition': attachment('policy-acceptances.csv'),
        'cache-control': 'private, no-store',
      }).send(await acceptances.exportOfPolicy(request.caller, request.params.policyId, request.query))
    })
  }
}
