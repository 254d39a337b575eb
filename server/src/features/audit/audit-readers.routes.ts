import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { problems, Ref } from '../../http/schemas.ts'
import { AuditReaderStates } from './audit.schemas.ts'
import { INSTANCE_CHAIN } from './audit.service.ts'

export function auditReadersRoutes({ auditReaders }: Pick<Deps, 'auditReaders'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/admin/readers', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listAuditReaders',
        tags: ['operator'],
        summary: 'What reads the log in the background, and what it fails on',
        response: {
          200: Ref(AuditReaderStates),
          ...problems,
        },
      },
    }, async () => ({
      readers: (await auditReaders.states()).map(({ name, behind, failures }) => ({
        name,
        behind,
        failures: failures.map(({ chainId, seq, attempts, error, retryAt }) => ({
          workspaceId: chainId === INSTANCE_CHAIN
            ? null
            : chainId,
          seq,
          attempts,
          error,
          retryAt: retryAt && retryAt.toISOString(),
        })),
      })),
    }))
  }
}
