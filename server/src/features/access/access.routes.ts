import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { problems, Ref } from '../../http/schemas.ts'
import { itemActions, scopeOf, spaceRoles } from './access.policy.ts'
import { RoleTable } from './access.schemas.ts'

export const accessShapes = [RoleTable]

export function accessRoutes(): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/roles', {
      config: { access: 'session' },
      schema: {
        operationId: 'listRoles',
        tags: ['members'],
        summary: 'What each space role may do',
        response: {
          200: Ref(RoleTable),
          ...problems,
        },
      },
    }, async () => ({
      spaceRoles: spaceRoles.map(role => ({
        role,
        may: Object.fromEntries(itemActions.map(action => [
          action,
          scopeOf([role], action),
        ])) as Record<typeof itemActions[number], ReturnType<typeof scopeOf>>,
      })),
    }))
  }
}
