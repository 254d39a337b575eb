import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { isUnchanged } from '../../http/etag.ts'
import { IfMatch, NoContent, Page, problems, Ref, Sent } from '../../http/schemas.ts'
import { readerOf, sendMarkdown, sendPublished } from './policies.http.ts'
import { InLanguage, Policy, PolicyApproval, PolicyChange, PolicyDraft, PolicyDraftParams, PolicyDrift, PolicyFact, PolicyFiles, PolicyInput, PolicyListing, PolicyParams, PolicyPreview, PolicyPreviewInput, PolicyPublication, PolicySlug, PolicyVersionParams, PolicyVersionSummary, PublishedPolicy } from './policies.schemas.ts'

export const policiesShapes = [
  PolicyVersionSummary,
  PolicyListing,
  PolicyDrift,
  PublishedPolicy,
  PolicyDraft,
  Policy,
  PolicyPreview,
  PolicyFact,
  PolicyFiles,
]

export function policiesRoutes({ policies }: Pick<Deps, 'policies'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/public/policies', {
      config: { access: 'public' },
      schema: {
        operationId: 'listPublishedPolicies',
        tags: ['public'],
        querystring: InLanguage,
        response: {
          200: Page(Ref(PolicyListing)),
          ...problems,
        },
      },
    }, async (request, reply) => {
      reply.header('vary', 'accept-language')
      return { items: await policies.listPublished(readerOf(request, request.query.language)), nextCursor: null }
    })

    app.get('/public/policies/:slug', {
      config: { access: 'public' },
      schema: {
        operationId: 'getPublishedPolicy',
        tags: ['public'],
        summary: 'The text in effect, in the language that is asked for or that the browser prefers, else in the deployment’s',
        params: PolicySlug,
        querystring: InLanguage,
        response: {
          200: Ref(PublishedPolicy),
          ...problems,
        },
      },
    }, async (request, reply) => sendPublished(reply, await policies.getPublished(readerOf(request, request.query.language), request.params.slug)))

    app.get('/public/policies/:slug/versions/:number', {
      config: { access: 'public' },
      schema: {
        operationId: 'getPublishedPolicyVersion',
        tags: ['public'],
        params: PolicyVersionParams,
        querystring: InLanguage,
        response: {
          200: Ref(PublishedPolicy),
          ...problems,
        },
      },
    }, async (request, reply) => sendPublished(reply, await policies.getPublished(readerOf(request, request.query.language), request.params.slug, request.params.number)))

    app.get('/admin/policies', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listPolicies',
        tags: ['operator'],
        querystring: InLanguage,
        response: {
          200: Page(Ref(Policy)),
          ...problems,
        },
      },
    }, async request => ({ items: await policies.list(request.caller, request.query.language), nextCursor: null }))

    app.get('/admin/policy-files', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getPolicyFiles',
        tags: ['operator'],
        summary: 'What the texts in POLICIES_DIR came to when the process that answers read them last',
        response: {
          200: Ref(PolicyFiles),
          ...problems,
        },
      },
    }, () => policies.filesState())

    app.get('/admin/policies/facts', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listPolicyFacts',
        tags: ['operator'],
        summary: 'What a text may name of this deployment, and what it would say',
        querystring: InLanguage,
        response: {
          200: Page(Ref(PolicyFact)),
          ...problems,
        },
      },
    }, async request => ({ items: await policies.listFacts(request.query.language), nextCursor: null }))

    app.post('/admin/policies/preview', {
      config: { access: 'operator' },
      schema: {
        operationId: 'previewPolicy',
        tags: ['operator'],
        summary: 'A text as readers would have it now, and what keeps it from being published; changes nothing',
        querystring: InLanguage,
        body: PolicyPreviewInput,
        response: {
          200: Ref(PolicyPreview),
          ...problems,
        },
      },
    }, request => policies.preview(request.body, request.query.language))

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
        querystring: InLanguage,
        response: {
          200: Ref(Policy),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const policy = await policies.get(request.caller, request.params.policyId, request.query.language)
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

    app.post('/admin/policies/:policyId/approve', {
      config: { access: 'operator' },
      schema: {
        operationId: 'approvePolicy',
        tags: ['operator'],
        summary: 'Says that exactly these drafts may be published; not by who wrote in them last',
        params: PolicyParams,
        body: PolicyApproval,
        response: {
          200: Ref(Policy),
          ...problems,
        },
      },
    }, request => policies.approve(request.caller, request.params.policyId, request.body.sha256))

    app.delete('/admin/policies/:policyId/drafts/:language', {
      config: { access: 'operator' },
      schema: {
        operationId: 'deletePolicyDraft',
        tags: ['operator'],
        summary: 'No longer writes this language; what was published in it stays',
        params: PolicyDraftParams,
        headers: IfMatch,
        response: {
          200: Ref(Policy),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const policy = await policies.deleteDraft(request.caller, request.params.policyId, request.params.language, request.headers['if-match'])
      reply.header('etag', policy.etag)
      return policy
    })

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

/** Outside the API's base, at addresses that other sites and programs keep. */
export function bareRoutes({ policies }: Pick<Deps, 'policies'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/policies/feed.xml', {
      config: { access: 'public' },
      schema: {
        hide: true,
        querystring: InLanguage,
        response: {
          200: Sent('What was published, as Atom', 'application/atom+xml'),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const { xml, language, hash } = await policies.feed(readerOf(request, request.query.language))
      const etag = `"${hash}"`
      reply.header('etag', etag).header('vary', 'accept-language').header('cache-control', 'no-cache')
      if (isUnchanged(request.headers['if-none-match'], etag)) return reply.status(304).send()
      return reply.header('content-language', language).type('application/atom+xml; charset=utf-8').send(xml)
    })

    app.get('/policies/:slug.md', {
      config: { access: 'public' },
      schema: {
        hide: true,
        params: PolicySlug,
        querystring: InLanguage,
        response: {
          200: Sent('The text in effect, as Markdown', 'text/markdown'),
          ...problems,
        },
      },
    }, async (request, reply) => sendMarkdown(request, reply, await policies.getPublished(readerOf(request, request.query.language), request.params.slug)))
  }
}
