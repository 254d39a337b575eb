import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { StorageHealth } from './objects.schemas.ts'

export const objectsShapes = [StorageHealth]

export function objectsRoutes({ storageHealth }: Pick<Deps, 'storageHealth'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/admin/storage', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getStorageHealth',
        tags: ['operator'],
        summary: 'Whether the store has what came in, and when it was last looked at',
        response: {
          200: Ref(StorageHealth),
          ...problems,
        },
      },
    }, () => storageHealth.get())

    app.post('/admin/storage/check', {
      config: { access: 'operator' },
      schema: {
        operationId: 'checkStorage',
        tags: ['operator'],
        summary: 'Have all of the store read and compared now, in the background',
        response: {
          204: NoContent,
          ...problems,
        },
      },
    }, async (_request, reply) => {
      await storageHealth.checkAll()
      return reply.status(204).send(null)
    })

    app.delete('/admin/storage/kept', {
      config: { access: 'operator' },
      schema: {
        operationId: 'deleteKept',
        tags: ['operator'],
        summary: 'Delete what was kept aside, in the background: what the store had and no row knew when `adopt` was run',
        response: {
          204: NoContent,
          ...problems,
        },
      },
    }, async (_request, reply) => {
      await storageHealth.deleteKept()
      return reply.status(204).send(null)
    })
  }
}
