import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { preValidationAsyncHookHandler } from 'fastify'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { Nullable, Page, problems, Ref, WorkspaceParams } from '../../http/schemas.ts'
import { AuditDays, AuditEvent, AuditQuery } from './audit.schemas.ts'
import { INSTANCE_CHAIN } from './audit.service.ts'

const AuditProof = Type.Object({
  events: Type.Integer(),
  brokenAt: Nullable(Type.Integer()),
}, { $id: 'AuditProof' })
export const auditShapes = [AuditEvent, AuditDays, AuditProof]

/** As `style: form` without `explode` writes a list. */
const splitActions: preValidationAsyncHookHandler = async ({ query }) => {
  const filter = query as { action?: unknown }
  if (typeof filter.action === 'string') filter.action = filter.action.split(',')
}

export function auditRoutes({ auditTrail }: Pick<Deps, 'auditTrail'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/workspaces/:workspaceId/audit', {
      config: {
        access: { workspace: 'audit.see' },
      },
      preValidation: splitActions,
      schema: {
        operationId: 'listAuditEvents',
        tags: ['audit'],
        summary: 'Newest first',
        params: WorkspaceParams,
        querystring: AuditQuery,
        response: {
          200: Page(Ref(AuditEvent)),
          ...problems,
        },
      },
    }, request => auditTrail.list(request.params.workspaceId, request.query))

    app.get('/workspaces/:workspaceId/audit/days', {
      config: {
        access: { workspace: 'audit.see' },
      },
      schema: {
        operationId: 'countAuditEventsByDay',
        tags: ['audit'],
        summary: 'The last 30 days',
        params: WorkspaceParams,
        response: {
          200: Ref(AuditDays),
          ...problems,
        },
      },
    }, async request => ({ days: await auditTrail.countByDay(request.params.workspaceId, 30) }))

    app.get('/workspaces/:workspaceId/audit/proof', {
      config: {
        access: { workspace: 'audit.see' },
      },
      schema: {
        operationId: 'verifyAuditChain',
        tags: ['audit'],
        summary: 'Recomputes the hash chain',
        params: WorkspaceParams,
        response: {
          200: Ref(AuditProof),
          ...problems,
        },
      },
    }, request => auditTrail.verify(request.params.workspaceId))

    app.get('/admin/audit', {
      config: { access: 'operator' },
      preValidation: splitActions,
      schema: {
        operationId: 'listInstanceAuditEvents',
        tags: ['operator'],
        summary: 'What concerns the instance, newest first',
        querystring: AuditQuery,
        response: {
          200: Page(Ref(AuditEvent)),
          ...problems,
        },
      },
    }, request => auditTrail.list(INSTANCE_CHAIN, request.query))
  }
}
