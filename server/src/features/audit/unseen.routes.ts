import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { Body, NoContent, problems, Ref, WorkspaceParams } from '../../http/schemas.ts'
import { memberOf } from '../access/access.plugin.ts'
import { UnseenActivity } from './audit.schemas.ts'

export function unseenRoutes({ unseen }: Pick<Deps, 'unseen'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/workspaces/:workspaceId/audit/unseen', {
      config: {
        access: { workspace: 'audit.see' },
      },
      schema: {
        operationId: 'countUnseenActivity',
        tags: ['audit'],
        summary: 'What others did since one looked',
        params: WorkspaceParams,
        response: {
          200: Ref(UnseenActivity),
          ...problems,
        },
      },
    }, request => unseen.count(lookerOf(memberOf(request))))

    app.put('/workspaces/:workspaceId/audit/seen', {
      config: {
        access: { workspace: 'audit.see' },
      },
      schema: {
        operationId: 'markActivitySeen',
        tags: ['audit'],
        summary: 'One has seen everything up to this event',
        params: WorkspaceParams,
        body: Body({
          seq: Type.Integer({ minimum: 0 }),
        }),
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await unseen.look(lookerOf(memberOf(request)), request.body.seq)
      return reply.status(204).send(null)
    })
  }
}

const lookerOf = ({ id, userId, workspaceId }: ReturnType<typeof memberOf>) => ({ memberId: id, userId, workspaceId })
