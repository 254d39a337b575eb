import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Deps } from '../../deps.ts'
import type { Visit } from './links.service.ts'
import { Type } from 'typebox'
import { IdempotencyHeader, IfMatch, NoContent, Page, problems, Ref, WorkspaceParams } from '../../http/schemas.ts'
import { LINK_GRANT_COOKIE, LINK_GRANT_SECONDS } from '../../http/tokens.ts'
import { memberOf } from '../access/access.plugin.ts'
import { DownloadUrl } from '../downloads/downloads.schemas.ts'
import { Link, LinkChange, LinkDownloadInput, LinkInput, LinkListQuery, LinkParams, LinkToken, PublicLink, PublicLinkFolderQuery, PublicLinkItem, UnlockAnswer, UnlockInput } from './links.schemas.ts'

export const linksShapes = [
  Link,
  PublicLink,
  PublicLinkItem,
  UnlockAnswer,
]
const GrantHeader = Type.Object({
  'x-link-grant': Type.Optional(Type.String({ maxLength: 2048 })),
})

export function linksRoutes({ links, config }: Pick<Deps, 'links' | 'config'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post('/workspaces/:workspaceId/links', {
      config: {
        access: { workspace: 'links.see' },
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

    app.get('/public/links/:token', {
      config: { access: 'link' },
      schema: {
        operationId: 'openLink',
        tags: ['public'],
        params: LinkToken,
        headers: GrantHeader,
        response: {
          200: Ref(PublicLink),
          ...problems,
        },
      },
    }, async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return links.open(request.caller, visitOf(app, request, request.params.token))
    })

    app.get('/public/links/:token/items', {
      config: { access: 'link' },
      schema: {
        operationId: 'listLinkFolder',
        tags: ['public'],
        params: LinkToken,
        headers: GrantHeader,
        querystring: PublicLinkFolderQuery,
        response: {
          200: Page(Ref(PublicLinkItem)),
          ...problems,
        },
      },
    }, request => links.listFolder(request.caller, visitOf(app, request, request.params.token), request.query))

    app.post('/public/links/:token/unlock', {
      config: { access: 'link' },
      schema: {
        operationId: 'unlockLink',
        tags: ['public'],
        params: LinkToken,
        body: Type.Union([
          UnlockInput,
          Type.Null(),
        ]),
        response: {
          200: Ref(UnlockAnswer),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const grant = app.tokens.signLinkGrant(await links.unlock(request.caller, request.params.token, request.body ?? {}))
      reply.setCookie(LINK_GRANT_COOKIE, grant, {
        path: `/api/v1/public/links/${encodeURIComponent(request.params.token)}`,
        httpOnly: true,
        sameSite: 'strict',
        secure: config.publicUrl.startsWith('https://'),
        maxAge: LINK_GRANT_SECONDS,
      })
      reply.header('cache-control', 'no-store')
      return { grant, expiresIn: LINK_GRANT_SECONDS }
    })

    app.post('/public/links/:token/download', {
      config: { access: 'link' },
      schema: {
        operationId: 'downloadFromLink',
        tags: ['public'],
        summary: 'Claims one download',
        params: LinkToken,
        headers: GrantHeader,
        body: Type.Union([
          LinkDownloadInput,
          Type.Null(),
        ]),
        response: {
          200: Ref(DownloadUrl),
          ...problems,
        },
      },
    }, request => links.download(request.caller, visitOf(app, request, request.params.token), request.body?.itemId))
  }
}

function visitOf(app: FastifyInstance, request: FastifyRequest, token: string): Visit {
  const header = request.headers['x-link-grant']
  const grant = (typeof header === 'string'
    ? header
    : undefined) ?? request.cookies[LINK_GRANT_COOKIE]
  return {
    token,
    counts: request.method === 'GET',
    grant: grant === undefined
      ? undefined
      : app.tokens.verifyLinkGrant(grant),
  }
}
