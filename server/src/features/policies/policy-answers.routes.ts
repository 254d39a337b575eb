import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { problems, Ref } from '../../http/schemas.ts'
import { FactsQuery, PolicyAnswersInput, PolicyFacts, PolicyStarter, StarterQuery } from './policy-answers.schemas.ts'

export const policyAnswersShapes = [PolicyFacts, PolicyStarter]

export function policyAnswersRoutes({ policyQuestions }: Pick<Deps, 'policyQuestions'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/admin/policy-facts', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getPolicyFacts',
        tags: ['operator'],
        summary: 'The ten questions that policy texts need answered: what was answered, what is open, and what the server knows',
        querystring: FactsQuery,
        response: {
          200: Ref(PolicyFacts),
          ...problems,
        },
      },
    }, request => policyQuestions.read(request.query.language))

    app.put('/admin/policy-facts', {
      config: { access: 'operator' },
      schema: {
        operationId: 'answerPolicyQuestions',
        tags: ['operator'],
        summary: 'Answer those that are named; the others stay as they are',
        querystring: FactsQuery,
        body: PolicyAnswersInput,
        response: {
          200: Ref(PolicyFacts),
          ...problems,
        },
      },
    }, request => policyQuestions.answer(request.caller, request.body, request.query.language))

    app.get('/admin/policies/starter', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getPolicyStarter',
        tags: ['operator'],
        querystring: StarterQuery,
        response: {
          200: Ref(PolicyStarter),
          ...problems,
        },
      },
    }, request => policyQuestions.starter(request.query.kind, request.query.language))
  }
}
