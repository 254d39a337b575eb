import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { IfMatch, NoContent, Page, problems, Ref } from '../../http/schemas.ts'
import { Policy, PolicyChange, PolicyInput, PolicyListing, PolicyParams, PolicyPublication, PolicySlug, PolicyVersionParams, PolicyVersionSummary, PublishedPolicy } from './policies.schemas.ts'

export const policiesShapes = [
  PolicyVersionSummary,
  PolicyListing,
  PublishedPolicy,
  Policy,
]

export function policiesRoutes({ policies }: Pick<Deps, 'policies'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/public/policies', {
      config: { access: 'public' },
      schema: {
        operationId: 'listPublishedPolicies',
        tags: ['public'],
        response: {
          200: Page(Ref(PolicyListing)),
          ...problems,
        },
      },
    }, async () => ({ items: await policies.listPublished(), nextCursor: null }))

    app.get('/public/policies/:slug', {
      config: { access: 'public' },
      schema: {
        operationId: 'getPublishedPolicy',
        tags: ['public'],
        params: PolicySlug,
        response: {
          200: Ref(PublishedPolicy),
          ...problems,
        },
      },
    }, request => policies.getPublished(request.params.slug))

    app.get('/public/policies/:slug/versions/:number', {
      config: { access: 'public' },
      schema: {
        operationId: 'getPublishedPolicyVersion',
        tags: ['public'],
        params: PolicyVersionParams,
        response: {
          200: Ref(PublishedPolicy),
          ...problems,
        },
      },
    }, request => policies.getPublished(request.params.slug, request.params.number))

    app.get('/admin/policies', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listPolicies',
        tags: ['operator'],
        response: {
          200: Page(Ref(Policy)),
          ...problems,
        },
      },
    }, async () => ({ items: await policies.list(), nextCursor: null }))

    app.post('/admin/policies', {
      config: { access: 'operator' },
      schema: {
        operationId: 'createPolicy',
        tags: ['operator'],
        body: PolicyInput,
        response: {
          201: Ref(Policy),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await policies.create(request.caller, request.body)))

    app.get('/admin/policies/:policyId', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getPolicy',
        tags: ['operator'],
        params: PolicyParams,
        response: {
          200: Ref(Policy),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const policy = await policies.get(request.params.policyId)
      reply.header('etag', policy.etag)
      return policy
    })

    app.patch('/admin/policies/:policyId', {
      config: { access: 'operator' },
      schema: {
        operationId: 'changePolicyDraft',
        tags: ['operator'],
        params: PolicyParams,
        headers: IfMatch,
        body: PolicyChange,
        response: {
          200: Ref(Policy),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const policy = await policies.change(request.caller, request.params.policyId, request.body, request.headers['if-match'])
      reply.header('etag', policy.etag)
      return policy
    })

    app.post('/admin/policies/:policyId/publish', {
      config: { access: 'operator' },
      schema: {
        operationId: 'publishPolicy',
        tags: ['operator'],
        params: PolicyParams,
        headers: IfMatch,
        body: PolicyPublication,
        response: {
          200: Ref(Policy),
          ...problems,
        },
      },
    }, request => policies.publish(request.caller, request.params.policyId, request.body, request.headers['if-match']))

    app.delete('/admin/policies/:policyId', {
      config: { access: 'operator' },
      schema: {
        operationId: 'withdrawPolicy',
        tags: ['operator'],
        params: PolicyParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await policies.withdraw(request.caller, request.params.policyId)
      return reply.status(204).send(null)
    })
  }
}
