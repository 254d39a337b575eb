import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { IfMatch, NoContent, Page, problems, Ref, Sent, WorkspaceParams } from '../../http/schemas.ts'
import { readerOf, sendMarkdown, sendPublished } from './policies.http.ts'
import { InLanguage, Policy, PolicyInput, PolicyPreview, PolicyPreviewInput, PublishedPolicy, WorkspacePolicyChange, WorkspacePolicyDraftParams, WorkspacePolicyParams, WorkspacePolicyPublication, WorkspacePolicySlug, WorkspacePolicyVersionParams } from './policies.schemas.ts'

/** The same as operators have for the deployment's, without files, facts, approval and agreement (docs/adr/0059). */
export function workspacePoliciesRoutes({ policies }: Pick<Deps, 'policies'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/public/workspace-policies/:workspaceSlug/:slug', {
      config: { access: 'public' },
      schema: {
        operationId: 'getPublishedWorkspacePolicy',
        tags: ['public'],
        summary: 'The text in effect of a policy of a workspace, in the language that is asked for or that the browser prefers, else in the deployment’s',
        params: WorkspacePolicySlug,
        querystring: InLanguage,
        response: {
          200: Ref(PublishedPolicy),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const own = await policies.ofWorkspaceAt(request.params.workspaceSlug)
      return sendPublished(reply, await own.getPublished(readerOf(request, request.query.language), request.params.slug))
    })

    app.get('/public/workspace-policies/:workspaceSlug/:slug/versions/:number', {
      config: { access: 'public' },
      schema: {
        operationId: 'getPublishedWorkspacePolicyVersion',
        tags: ['public'],
        params: WorkspacePolicyVersionParams,
        querystring: InLanguage,
        response: {
          200: Ref(PublishedPolicy),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const own = await policies.ofWorkspaceAt(request.params.workspaceSlug)
      return sendPublished(reply, await own.getPublished(readerOf(request, request.query.language), request.params.slug, request.params.number))
    })

    app.get('/workspaces/:workspaceId/policies', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'admin',
      },
      schema: {
        operationId: 'listWorkspacePolicies',
        tags: ['workspaces'],
        params: WorkspaceParams,
        querystring: InLanguage,
        response: {
          200: Page(Ref(Policy)),
          ...problems,
        },
      },
    }, async request => ({ items: await policies.ofWorkspace(request.params.workspaceId).list(request.caller, request.query.language), nextCursor: null }))

    app.post('/workspaces/:workspaceId/policies/preview', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'admin',
      },
      schema: {
        operationId: 'previewWorkspacePolicy',
        tags: ['workspaces'],
        summary: 'A text as readers would have it, and what keeps it from being published; changes nothing',
        params: WorkspaceParams,
        querystring: InLanguage,
        body: PolicyPreviewInput,
        response: {
          200: Ref(PolicyPreview),
          ...problems,
        },
      },
    }, request => policies.ofWorkspace(request.params.workspaceId).preview(request.body, request.query.language))

    app.post('/workspaces/:workspaceId/policies', {
      config: {
        access: { workspace: 'workspace.change' },
        scope: 'admin',
      },
      schema: {
        operationId: 'createWorkspacePolicy',
        tags: ['workspaces'],
        params: WorkspaceParams,
        body: PolicyInput,
        response: {
          201: Ref(Policy),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await policies.ofWorkspace(request.params.workspaceId).create(request.caller, request.body)))

    app.get('/workspaces/:workspaceId/policies/:policyId', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'admin',
      },
      schema: {
        operationId: 'getWorkspacePolicy',
        tags: ['workspaces'],
        params: WorkspacePolicyParams,
        querystring: InLanguage,
        response: {
          200: Ref(Policy),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const policy = await policies.ofWorkspace(request.params.workspaceId).get(request.caller, request.params.policyId, request.query.language)
      reply.header('etag', policy.etag)
      return policy
    })

    app.patch('/workspaces/:workspaceId/policies/:policyId', {
      config: {
        access: { workspace: 'workspace.change' },
        scope: 'admin',
      },
      schema: {
        operationId: 'changeWorkspacePolicyDraft',
        tags: ['workspaces'],
        params: WorkspacePolicyParams,
        headers: IfMatch,
        body: WorkspacePolicyChange,
        response: {
          200: Ref(Policy),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const policy = await policies.ofWorkspace(request.params.workspaceId).change(request.caller, request.params.policyId, request.body, request.headers['if-match'])
      reply.header('etag', policy.etag)
      return policy
    })

    app.post('/workspaces/:workspaceId/policies/:policyId/publish', {
      config: {
        access: { workspace: 'workspace.change' },
        scope: 'admin',
      },
      schema: {
        operationId: 'publishWorkspacePolicy',
        tags: ['workspaces'],
        params: WorkspacePolicyParams,
        headers: IfMatch,
        body: WorkspacePolicyPublication,
        response: {
          200: Ref(Policy),
          ...problems,
        },
      },
    }, request => policies.ofWorkspace(request.params.workspaceId).publish(request.caller, request.params.policyId, request.body, request.headers['if-match']))

    app.delete('/workspaces/:workspaceId/policies/:policyId/drafts/:language', {
      config: {
        access: { workspace: 'workspace.change' },
        scope: 'admin',
      },
      schema: {
        operationId: 'deleteWorkspacePolicyDraft',
        tags: ['workspaces'],
        summary: 'No longer writes this language; what was published in it stays',
        params: WorkspacePolicyDraftParams,
        headers: IfMatch,
        response: {
          200: Ref(Policy),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const policy = await policies.ofWorkspace(request.params.workspaceId).deleteDraft(request.caller, request.params.policyId, request.params.language, request.headers['if-match'])
      reply.header('etag', policy.etag)
      return policy
    })

    app.delete('/workspaces/:workspaceId/policies/:policyId', {
      config: {
        access: { workspace: 'workspace.change' },
        scope: 'admin',
      },
      schema: {
        operationId: 'withdrawWorkspacePolicy',
        tags: ['workspaces'],
        params: WorkspacePolicyParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await policies.ofWorkspace(request.params.workspaceId).withdraw(request.caller, request.params.policyId)
      return reply.status(204).send(null)
    })
  }
}

/** Outside the API's base, beside the page. */
export function workspacePoliciesBareRoutes({ policies }: Pick<Deps, 'policies'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/policies/w/:workspaceSlug/:slug.md', {
      config: { access: 'public' },
      schema: {
        hide: true,
        params: WorkspacePolicySlug,
        querystring: InLanguage,
        response: {
          200: Sent('The text in effect, as Markdown', 'text/markdown'),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const own = await policies.ofWorkspaceAt(request.params.workspaceSlug)
      return sendMarkdown(request, reply, await own.getPublished(readerOf(request, request.query.language), request.params.slug))
    })
  }
}
