import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../../config/config.ts'
import type { Deps } from '../../deps.ts'
import type { Visit } from './public-links.service.ts'
import { Type } from 'typebox'
import { readCookie, setCookie } from '../../http/cookies.ts'
import { Page, problems, Ref } from '../../http/schemas.ts'
import { LINK_GRANT_SECONDS } from '../../http/tokens.ts'
import { DownloadUrl } from '../downloads/downloads.schemas.ts'
import { setProofCookie } from '../downloads/ticket-proof.http.ts'
import { readerOf } from '../policies/policies.http.ts'
import { InLanguage, PolicyListing } from '../policies/policies.schemas.ts'
import { linkGrantCookie } from './public-links.cookies.ts'
import { LinkDownloadInput, LinkToken, PublicLink, PublicLinkFolderQuery, PublicLinkItem, UnlockAnswer, UnlockInput } from './public-links.schemas.ts'

export const publicLinksShapes = [PublicLink, PublicLinkItem, UnlockAnswer]
const GrantHeader = Type.Object({
  'x-link-grant': Type.Optional(Type.String({ maxLength: 2048 })),
})

export function publicLinksRoutes({ publicLinks, policies, config }: Pick<Deps, 'publicLinks' | 'policies' | 'config'>): FastifyPluginAsyncTypebox {
  return async (app) => {
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
      return publicLinks.open(request.caller, visitOf(app, config, request, request.params.token))
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
    }, request => publicLinks.listFolder(request.caller, visitOf(app, config, request, request.params.token), request.query))

    app.get('/public/links/:token/policies', {
      config: { access: 'link' },
      schema: {
        operationId: 'listLinkPolicies',
        tags: ['public'],
        summary: 'The published policies of the workspace that shares, beside which the deployment’s hold',
        params: LinkToken,
        headers: GrantHeader,
        querystring: InLanguage,
        response: {
          200: Page(Ref(PolicyListing)),
          ...problems,
        },
      },
    }, async (request, reply) => {
      reply.header('vary', 'accept-language').header('cache-control', 'no-store')
      const workspaceId = await publicLinks.workspaceOf(request.caller, visitOf(app, config, request, request.params.token))
      return { items: await policies.ofWorkspace(workspaceId).listPublished(readerOf(request, request.query.language)), nextCursor: null }
    })

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
      const grant = app.tokens.signLinkGrant(await publicLinks.unlock(request.caller, request.params.token, request.body ?? {}))
      setCookie(reply, config, linkGrantCookie, grant, {
        path: `/api/v1/public/links/${encodeURIComponent(request.params.token)}`,
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
        summary: 'Claims one download: of a limited link one copy, for whoever brings the same grant or the cookie that this sets',
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
    }, async (request, reply) => {
      const ticket = await publicLinks.download(request.caller, visitOf(app, config, request, request.params.token), request.body?.itemId)
      setProofCookie(reply, config, ticket)
      return { url: ticket.url, expiresAt: ticket.expiresAt, name: ticket.name }
    })
  }
}

function visitOf(app: FastifyInstance, config: Config, request: FastifyRequest, token: string): Visit {
  const header = request.headers['x-link-grant']
  const grant = (typeof header === 'string'
    ? header
    : undefined) ?? readCookie(request, config, linkGrantCookie)
  const claims = grant === undefined
    ? undefined
    : app.tokens.verifyLinkGrant(grant)
  return {
    token,
    counts: request.method === 'GET',
    grant: claims && { ...claims, text: grant! },
  }
}
