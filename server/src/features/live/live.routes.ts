import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { WorkspaceParams } from '../../http/schemas.ts'
import { memberOf } from '../access/access.plugin.ts'
import { streamLiveEvents } from './live.stream.ts'

export function liveRoutes({ live, access }: Pick<Deps, 'live' | 'access'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/workspaces/:workspaceId/events', {
      config: {
        access: { workspace: 'workspace.see' },
      },
      schema: {
        operationId: 'streamEvents',
        tags: ['live'],
        summary: 'Server-sent events: ids of what changed',
        produces: ['text/event-stream'],
        params: WorkspaceParams,
        headers: Type.Object({
          'last-event-id': Type.Optional(Type.String({ maxLength: 64 })),
        }),
      },
    }, (request, reply) => streamLiveEvents(request, reply, {
      live,
      access,
      member: memberOf(request),
    }))
  }
}
