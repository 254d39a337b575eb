import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { IdempotencyHeader, NoContent, Page, problems, Ref, WorkspaceParams } from '../../http/schemas.ts'
import { memberOf, personOf, signedInOf } from '../access/access.plugin.ts'
import { QuotaInput, SecondFactorInput, Space, Workspace, WorkspaceChange, WorkspaceInput } from './workspaces.schemas.ts'

export const workspacesShapes = [Workspace, Space]

export function workspacesRoutes({ workspaces }: Pick<Deps, 'workspaces'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/workspaces', {
      config: { access: 'session', scope: 'read' },
      schema: {
        operationId: 'listWorkspaces',
        tags: ['workspaces'],
        response: {
          200: Page(Ref(Workspace)),
          ...problems,
        },
      },
    }, async request => ({ items: await workspaces.list(personOf(request)), nextCursor: null }))

    app.post('/workspaces', {
      config: { access: 'operator', idempotent: true },
      schema: {
        operationId: 'createWorkspace',
        tags: ['workspaces'],
        headers: IdempotencyHeader,
        body: WorkspaceInput,
        response: {
          201: Ref(Workspace),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await workspaces.create(request.caller, signedInOf(request), request.body)))

    app.get('/workspaces/:workspaceId', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'read',
      },
      schema: {
        operationId: 'getWorkspace',
        tags: ['workspaces'],
        params: WorkspaceParams,
        response: {
          200: Ref(Workspace),
          ...problems,
        },
      },
    }, request => workspaces.get(memberOf(request)))

    app.patch('/workspaces/:workspaceId', {
      config: {
        access: { workspace: 'workspace.change' },
        scope: 'admin',
      },
      schema: {
        operationId: 'changeWorkspace',
        tags: ['workspaces'],
        params: WorkspaceParams,
        body: WorkspaceChange,
        response: {
          200: Ref(Workspace),
          ...problems,
        },
      },
    }, request => workspaces.change(request.caller, memberOf(request), request.body))

    app.put('/workspaces/:workspaceId/second-factor', {
      config: {
        access: { workspace: 'workspace.change' },
        stepUp: true,
      },
      schema: {
        operationId: 'askForSecondFactor',
        tags: ['workspaces'],
        summary: 'Of whom a second factor is asked; whoever has none when the grace is over gets 403 auth.second_factor_required until they do',
        params: WorkspaceParams,
        body: SecondFactorInput,
        response: {
          200: Ref(Workspace),
          ...problems,
        },
      },
    }, request => workspaces.askForSecondFactor(request.caller, memberOf(request), request.body))

    app.put('/admin/workspaces/:workspaceId/quota', {
      config: { access: 'operator' },
      schema: {
        operationId: 'setWorkspaceQuota',
        tags: ['operator'],
        summary: 'How much a workspace may store; less than it does stops what comes, and deletes nothing',
        params: WorkspaceParams,
        body: QuotaInput,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await workspaces.setQuota(request.caller, request.params.workspaceId, request.body.quotaBytes)
      return reply.status(204).send(null)
    })

    app.get('/workspaces/:workspaceId/spaces', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'read',
      },
      schema: {
        operationId: 'listSpaces',
        tags: ['workspaces'],
        params: WorkspaceParams,
        response: {
          200: Page(Ref(Space)),
          ...problems,
        },
      },
    }, async request => ({ items: await workspaces.listSpaces(memberOf(request)), nextCursor: null }))
  }
}
