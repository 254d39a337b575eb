import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { problems, Ref } from '../../http/schemas.ts'
import { KeptKind, RetentionChange, RetentionQuery } from './retention.schemas.ts'

export const retentionShapes = [KeptKind]

export function retentionRoutes({ retention }: Pick<Deps, 'retention'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/admin/retention', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getRetention',
        tags: ['operator'],
        summary: 'How long each kind of data is kept',
        querystring: RetentionQuery,
        response: {
          200: Type.Object({
            items: Type.Array(Ref(KeptKind)),
          }),
          ...problems,
        },
      },
    }, async request => ({ items: await retention.list(request.query.language ?? 'en') }))

    app.patch('/admin/retention', {
      config: { access: 'operator', stepUp: true },
      schema: {
        operationId: 'changeRetention',
        tags: ['operator'],
        summary: 'Keep one kind of data so long: what is older is deleted in the next night',
        querystring: RetentionQuery,
        body: RetentionChange,
        response: {
          200: Ref(KeptKind),
          ...problems,
        },
      },
    }, request => retention.change(request.caller, request.body, request.query.language ?? 'en'))
  }
}
