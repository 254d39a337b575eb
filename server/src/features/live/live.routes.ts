import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { problems, Sent } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { createLiveStreams } from './live-streams.http.ts'

export function liveRoutes({ live, access }: Pick<Deps, 'live' | 'access'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    const streams = createLiveStreams({ live, access })
    app.addHook('preClose', async () => streams.close())

    app.get('/me/events', {
      // Answered like GET it would open a stream that nobody reads.
      exposeHeadRoute: false,
      config: { access: 'session' },
      schema: {
        operationId: 'streamEvents',
        tags: ['live'],
        summary: 'Server-sent events: ids of what changed in one’s workspaces, and that there is news',
        headers: Type.Object({
          'last-event-id': Type.Optional(Type.String({ maxLength: 64 })),
        }),
        response: {
          200: Sent('Events until the client leaves', 'text/event-stream'),
          ...problems,
        },
      },
    }, async (request, reply) => streams.open(reply, signedInOf(request)))
  }
}
