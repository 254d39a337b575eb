import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { problems, Ref, WorkspaceParams } from '../../http/schemas.ts'
import { memberOf } from '../access/access.plugin.ts'
import { Watch, WatchInput } from './watch.schemas.ts'

export const watchShapes = [Watch]

export function watchRoutes({ watch }: Pick<Deps, 'watch'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    // No token reaches it: what a program's token is stolen for must not switch off who would see it.
    app.get('/workspaces/:workspaceId/watch', {
      config: {
        access: { workspace: 'workspace.change' },
      },
      schema: {
        operationId: 'getWatch',
        tags: ['workspaces'],
        summary: 'From how many in an hour on its administrators are told',
        params: WorkspaceParams,
        response: {
          200: Ref(Watch),
          ...problems,
        },
      },
    }, request => watch.thresholds(memberOf(request)))

    app.put('/workspaces/:workspaceId/watch', {
      config: {
        access: { workspace: 'workspace.change' },
      },
      schema: {
        operationId: 'setWatch',
        tags: ['workspaces'],
        summary: 'Counts from then on',
        params: WorkspaceParams,
        body: WatchInput,
        response: {
          200: Ref(Watch),
          ...problems,
        },
      },
    }, request => watch.setThresholds(request.caller, memberOf(request), request.body))
  }
}
