import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { IdempotencyHeader, IfMatch, NoContent, Page, problems, Ref, WorkspaceParams } from '../../http/schemas.ts'
import { memberOf } from '../access/access.plugin.ts'
import { Link, LinkChange, LinkInput, LinkListQuery, LinkParams } from './links.schemas.ts'

export const linksShapes = [Link]

export function linksRoutes({ links }: Pick<Deps, 'links'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post('/workspaces/:workspaceId/links', {
      config: {
        access: { workspace: 'links.see' },
        scope: 'links',
        idempotent: true,
      },
      schema: {
        operationId: 'createLink',
        tags: ['links'],
        params: WorkspaceParams,
        headers: IdempotencyHeader,
        body: LinkInput,
        response: {
          201: Ref(Link),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await links.create(request.caller, memberOf(request), request.body)))

    app.get('/workspaces/:workspaceId/links', {
      config: {
        access: { workspace: 'links.see' },
        scope: 'links',
      },
      schema: {
        operationId: 'listLinks',
        tags: ['links'],
        params: WorkspaceParams,
        querystring: LinkListQuery,
        response: {
          200: Page(Ref(Link)),
          ...problems,
        },
      },
    }, request => links.list(memberOf(request), request.query))

    app.get('/workspaces/:workspaceId/links/:linkId', {
      config: {
        access: { workspace: 'links.see' },
        scope: 'links',
      },
      schema: {
        operationId: 'getLink',
        tags: ['links'],
        params: LinkParams,
        response: {
          200: Ref(Link),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const link = await links.get(memberOf(request), request.params.linkId)
      reply.header('etag', link.etag)
      return link
    })

    app.patch('/workspaces/:workspaceId/links/:linkId', {
      config: {
        access: { workspace: 'links.see' },
        scope: 'links',
      },
      schema: {
        operationId: 'changeLink',
        tags: ['links'],
        params: LinkParams,
        headers: IfMatch,
        body: LinkChange,
        response: {
          200: Ref(Link),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const link = await links.change(request.caller, memberOf(request), request.params.linkId, request.body, request.headers['if-match'])
      reply.header('etag', link.etag)
      return link
    })

    app.delete('/workspaces/:workspaceId/links/:linkId', {
      config: {
        access: { workspace: 'links.see' },
        scope: 'links',
      },
      schema: {
        operationId: 'revokeLink',
        tags: ['links'],
        params: LinkParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await links.revoke(request.caller, memberOf(request), request.params.linkId)
      return reply.status(204).send(null)
    })
  }
}
