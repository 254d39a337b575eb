import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest, preValidationAsyncHookHandler } from 'fastify'
import type { Static } from 'typebox'
import type { Deps } from '../../deps.ts'
import type { ExportFormat } from './audit.schemas.ts'
import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { AppError } from '../../errors/app-error.ts'
import { notFound } from '../../errors/common-errors.ts'
import { attachment } from '../../http/attachment.ts'
import { Nullable, Page, problems, Ref, Sent, WorkspaceParams } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { requireSeat } from '../access/access.service.ts'
import { mediaTypes } from './audit-export.ts'
import { AuditDays, AuditEvent, AuditExportQuery, AuditQuery } from './audit.schemas.ts'
import { INSTANCE_CHAIN } from './audit.service.ts'

const AuditProof = Type.Object({
  events: Type.Integer(),
  brokenAt: Nullable(Type.Integer()),
  head: Type.String({ description: 'SHA-256 of the last event that follows, hexadecimal: noted, it shows later that nothing before it was changed or cut off' }),
  erased: Type.Integer({ description: 'Of how many events something was erased' }),
}, { $id: 'AuditProof' })
/** An address to open in a browser: good for some minutes, for the person who asked. */
const AuditExport = Type.Object({
  url: Type.String(),
}, { $id: 'AuditExport' })
const exported = {
  200: Sent('One event a line', 'text/csv', 'application/jsonl'),
  ...problems,
}

export const auditShapes = [
  AuditEvent,
  AuditDays,
  AuditProof,
  AuditExport,
]

/** As `style: form` without `explode` writes a list. */
const splitActions: preValidationAsyncHookHandler = async ({ query }) => {
  const filter = query as { action?: unknown }
  if (typeof filter.action === 'string') filter.action = filter.action.split(',')
}

export function auditRoutes({ auditTrail, access, config }: Pick<Deps, 'auditTrail' | 'access' | 'config'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/workspaces/:workspaceId/audit', {
      config: {
        access: { workspace: 'audit.see' },
        scope: 'admin',
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
        scope: 'admin',
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
        scope: 'admin',
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

    app.get('/admin/audit/proof', {
      config: { access: 'operator' },
      schema: {
        operationId: 'verifyInstanceAuditChain',
        tags: ['operator'],
        summary: 'Recomputes the hash chain of the instance',
        response: {
          200: Ref(AuditProof),
          ...problems,
        },
      },
    }, () => auditTrail.verify(INSTANCE_CHAIN))

    app.get('/workspaces/:workspaceId/audit/export', {
      config: {
        access: { workspace: 'audit.see' },
        scope: 'admin',
      },
      preValidation: splitActions,
      schema: {
        operationId: 'exportAuditEvents',
        tags: ['audit'],
        summary: 'All events that fit the filters, as CSV or JSON Lines',
        response: exported,
        params: WorkspaceParams,
        querystring: AuditExportQuery,
      },
    }, (request, reply) => sendExport(request, reply, request.params.workspaceId, request.query))

    app.post('/workspaces/:workspaceId/audit/exports', {
      config: {
        access: { workspace: 'audit.see' },
      },
      schema: {
        operationId: 'createAuditExport',
        tags: ['audit'],
        summary: 'An address of such an export, for the browser',
        params: WorkspaceParams,
        body: AuditExportQuery,
        response: {
          200: Ref(AuditExport),
          ...problems,
        },
      },
    }, request => ticketFor(request, request.params.workspaceId, request.body))

    app.get('/admin/audit/export', {
      config: { access: 'operator' },
      preValidation: splitActions,
      schema: {
        operationId: 'exportInstanceAuditEvents',
        tags: ['operator'],
        summary: 'All events of the instance that fit the filters, as CSV or JSON Lines',
        response: exported,
        querystring: AuditExportQuery,
      },
    }, (request, reply) => sendExport(request, reply, null, request.query))

    app.post('/admin/audit/exports', {
      config: { access: 'operator' },
      schema: {
        operationId: 'createInstanceAuditExport',
        tags: ['operator'],
        summary: 'An address of such an export, for the browser',
        body: AuditExportQuery,
        response: {
          200: Ref(AuditExport),
          ...problems,
        },
      },
    }, request => ticketFor(request, null, request.body))

    app.get('/audit-exports', {
      config: { access: 'ticket' },
      schema: {
        operationId: 'downloadAuditExport',
        tags: ['audit'],
        summary: 'What such an address leads to',
        response: exported,
        querystring: Type.Object({
          ticket: Type.String({ maxLength: 8192 }),
        }, { additionalProperties: false }),
      },
    }, async (request, reply) => {
      const { name, asked: { workspaceId, query } } = await redeem(request.query.ticket)
      return send(reply, name, query.format, request.method === 'HEAD'
        ? Readable.from([])
        : auditTrail.export(workspaceId, query))
    })

    /** The ticket's holder is asked again: their session, and their right as it is now. */
    async function redeem(ticket: string): Promise<Ticket> {
      const found = app.tokens.verifyExport(ticket)
      if (!found) throw noSuchTicket()
      const { asked, session } = found as typeof found & { asked: Ticket }
      await requireRight(session, asked.asked.workspaceId).catch((error: unknown) => {
        throw error instanceof AppError
          ? noSuchTicket()
          : error
      })
      return asked
    }

    async function requireRight(session: { userId: string, sessionId: string }, workspaceId: string | null): Promise<void> {
      const { signedIn, member } = await access.authenticate(session, workspaceId)
      if (workspaceId !== null) requireSeat(member, 'audit.see')
      else if (!signedIn.isOperator) throw noSuchTicket()
    }

    async function ticketFor(request: FastifyRequest, workspaceId: string | null, query: AuditExportQuery): Promise<Static<typeof AuditExport>> {
      const { userId, sessionId } = signedInOf(request)
      const { name } = await auditTrail.recordExport(request.caller, workspaceId, query)
      const ticket = app.tokens.signExport({ userId, sessionId }, {
        name,
        asked: { workspaceId, query },
      } satisfies Ticket)
      return { url: `${config.publicUrl}/api/v1/audit-exports?ticket=${ticket}` }
    }

    async function sendExport(request: FastifyRequest, reply: FastifyReply, workspaceId: string | null, query: AuditExportQuery): Promise<FastifyReply> {
      // HEAD exports nothing.
      if (request.method === 'HEAD') return reply.header('content-type', mediaTypes[query.format]).send(Readable.from([]))
      const { name } = await auditTrail.recordExport(request.caller, workspaceId, query)
      return send(reply, name, query.format, auditTrail.export(workspaceId, query))
    }
  }
}

interface Ticket { name: string, asked: { workspaceId: string | null, query: AuditExportQuery } }

const noSuchTicket = () => notFound('This export has ended. Start it again from where you found it.')

/** Who takes nothing for so long is gone. */
const STALL_MS = 2 * 60_000

function send(reply: FastifyReply, name: string, format: ExportFormat, body: Readable): FastifyReply {
  reply.raw.setTimeout(STALL_MS, () => reply.raw.destroy())
  return reply.headers({
    'content-type': mediaTypes[format],
    'content-disposition': attachment(name),
    'cache-control': 'private, no-store',
    'x-accel-buffering': 'no',
  }).send(body)
}
