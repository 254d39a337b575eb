import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { problems, Sent, WorkspaceParams } from '../../http/schemas.ts'
import { memberOf, signedInOf } from '../access/access.plugin.ts'
import { createLiveStreams } from './live-streams.http.ts'

export function liveRoutes({ live, access }: Pick<Deps, 'live' | 'access'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    const streams = createLiveStreams({ live, access })
    app.addHook('preClose', async () => streams.close())

    app.get('/workspaces/:workspaceId/events', {
      // Answered like GET it would open a stream that nobody reads.
      exposeHeadRoute: false,
      config: {
        access: { workspace: 'workspace.see' },
      },
      schema: {
        operationId: 'streamEvents',
        tags: ['live'],
        summary: 'Server-sent events: ids of what changed',
        params: WorkspaceParams,
        headers: Type.Object({
          'last-event-id': Type.Optional(Type.String({ maxLength: 64 })),
        }),
        response: {
          200: Sent('Events until the client leaves', 'text/event-stream'),
          ...problems,
        },
      },
    }, async (request, reply) => streams.open(reply, signedInOf(request), memberOf(request)))
  }
}
