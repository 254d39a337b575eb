import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { problems, Ref, Sent, Uuid, WorkspaceParams } from '../../http/schemas.ts'
import { memberOf, personOf } from '../access/access.plugin.ts'
import { BulkItems, VersionNumber } from '../items/items.schemas.ts'
import { DownloadUrl, FileDownloads } from './downloads.schemas.ts'
import { sendContent } from './send-content.http.ts'
import { proofsOf } from './ticket-proof.http.ts'

export const downloadsShapes = [DownloadUrl, FileDownloads]
const FileParams = Type.Object({ fileId: Uuid })
/** Without it: the current version. */
const VersionQuery = Type.Object({
  version: Type.Optional(VersionNumber),
}, { additionalProperties: false })
/** The file's own media type; that of an archive is a ZIP's. */
const content = {
  200: Sent('All of it', '*/*'),
  206: Sent('The bytes that were asked for', '*/*'),
  304: Type.Null({ description: 'The version at hand is the one that is here' }),
  ...problems,
}

export function downloadsRoutes({ downloads, config }: Pick<Deps, 'config' | 'downloads'>): FastifyPluginAsyncTypebox {
  const { downloadsBy } = config
  return async (app) => {
    app.get('/files/:fileId/content', {
      config: { access: 'session', scope: 'read' },
      schema: {
        operationId: 'downloadFile',
        tags: ['files'],
        params: FileParams,
        querystring: VersionQuery,
        response: content,
      },
    }, async (request, reply) => sendContent(request, reply, await downloads.file(request.caller, personOf(request).userId, request.params.fileId, request.query.version), {
      // A program that follows a redirect would send its Authorization header along, which the store refuses.
      by: downloadsBy === 'store'
        ? 'server'
        : downloadsBy,
    }))

    app.post('/files/:fileId/download', {
      config: { access: 'session', scope: 'read' },
      schema: {
        operationId: 'createFileDownload',
        tags: ['files'],
        summary: 'An address for the browser',
        params: FileParams,
        querystring: VersionQuery,
        response: {
          200: Ref(DownloadUrl),
          ...problems,
        },
      },
    }, request => downloads.fileTicket(request.caller, personOf(request).userId, request.params.fileId, request.query.version))

    app.get('/files/:fileId/downloads', {
      config: { access: 'session', scope: 'read' },
      schema: {
        operationId: 'countFileDownloads',
        tags: ['files'],
        summary: 'How often this file was downloaded',
        params: FileParams,
        response: {
          200: Ref(FileDownloads),
          ...problems,
        },
      },
    }, request => downloads.countOf(personOf(request).userId, request.params.fileId))

    app.post('/workspaces/:workspaceId/archives', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'read',
      },
      schema: {
        operationId: 'createArchive',
        tags: ['files'],
        summary: 'An address of a ZIP of files and folders',
        params: WorkspaceParams,
        body: BulkItems,
        response: {
          200: Ref(DownloadUrl),
          ...problems,
        },
      },
    }, request => downloads.archiveTicket(request.caller, memberOf(request), request.body.itemIds))

    app.get('/downloads/:ticket', {
      config: { access: 'ticket' },
      schema: {
        operationId: 'download',
        tags: ['public'],
        params: Type.Object({
          ticket: Type.String({ maxLength: 200 }),
        }),
        headers: Type.Object({
          'x-link-grant': Type.Optional(Type.String({ maxLength: 2048, description: 'Of a limited link: the grant that it was claimed with, or the cookie that the claim set' })),
        }),
        response: {
          ...content,
          302: Type.Null({ description: 'The store has it there' }),
        },
      },
    }, async (request, reply) => sendContent(request, reply, await downloads.redeem(request.params.ticket, proofsOf(request, config)), { by: downloadsBy }))
  }
}
