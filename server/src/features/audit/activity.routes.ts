import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { Page, PageQuery, problems, Ref, Uuid } from '../../http/schemas.ts'
import { memberOf, personOf } from '../access/access.plugin.ts'
import { ActivityEvent } from './audit.schemas.ts'

const told = {
  200: Page(Ref(ActivityEvent)),
  ...problems,
}
const ActivityQuery = Type.Object(PageQuery, { additionalProperties: false })

export function activityRoutes({ activity }: Pick<Deps, 'activity'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/items/:itemId/activity', {
      config: { access: 'session', scope: 'read' },
      schema: {
        operationId: 'listItemActivity',
        tags: ['files'],
        summary: 'What was done to a file or folder, newest first, for staff who may see it',
        params: Type.Object({ itemId: Uuid }),
        querystring: ActivityQuery,
        response: told,
      },
    }, request => activity.ofItem(personOf(request).userId, request.params.itemId, request.query))

    app.get('/workspaces/:workspaceId/links/:linkId/activity', {
      config: {
        access: { workspace: 'links.see' },
        scope: 'links',
      },
      schema: {
        operationId: 'listLinkActivity',
        tags: ['links'],
        summary: 'What was done to a link and by it, newest first',
        params: Type.Object({ workspaceId: Uuid, linkId: Uuid }),
        querystring: ActivityQuery,
        response: told,
      },
    }, request => activity.ofLink(memberOf(request), request.params.linkId, request.query))
  }
}
