import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { problems, Ref } from '../../http/schemas.ts'
import { BackupStatus } from './backups.schemas.ts'

export const backupsShapes = [BackupStatus]

export function backupsRoutes({ backups }: Pick<Deps, 'backups'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/admin/backups', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getBackupStatus',
        tags: ['operator'],
        summary: 'When the last good backup was made, and whether that is too long ago',
        response: {
          200: Ref(BackupStatus),
          ...problems,
        },
      },
    }, () => backups.status())
  }
}
