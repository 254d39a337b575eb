import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import type { Deps } from '../../deps.ts'
import multipart from '@fastify/multipart'
import { Type } from 'typebox'
import { IdempotencyHeader, NoContent, Page, problems, Ref, Uuid, WorkspaceParams } from '../../http/schemas.ts'
import { bearerOf, memberOf } from '../access/access.plugin.ts'
import { FileUploadQuery, Item } from '../items/items.schemas.ts'
import { readForm } from './form/read-form.http.ts'
import { CompleteInput, CreatedUpload, OpenUpload, PartParams, Upload, UploadInput, UploadParams } from './uploads.schemas.ts'

export const uploadsShapes = [CreatedUpload, Upload, OpenUpload]

export function uploadsRoutes({ uploads, config }: Pick<Deps, 'uploads' | 'config'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    // The plugin cuts a file at its limit and says nothing: one byte more than ours, so that our meter fails first.
    await app.register(multipart, {
      limits: {
        fileSize: config.maxFileBytes + 1,
        files: 1,
        fields: 0,
        parts: 1,
        headerPairs: 64,
      },
    })

    app.post('/workspaces/:workspaceId/files', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'write',
      },
      schema: {
        operationId: 'uploadFile',
        tags: ['files'],
        summary: 'One file in one request; its name and place are in the query',
        consumes: ['multipart/form-data'],
        params: WorkspaceParams,
        querystring: FileUploadQuery,
        response: {
          201: Ref(Item),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const { file, end } = await readForm(request, { idleMs: config.bodyIdleSeconds * 1000 })
      const length = Number(request.headers['content-length'])
      const item = await uploads.uploadFile(request.caller, memberOf(request), request.query, file, {
        expectedSize: Number.isSafeInteger(length)
          ? length
          : undefined,
        endOfRequest: end,
        signal: abortSignalOf(request),
      })
      return reply.status(201).send(item)
    })

    app.post('/workspaces/:workspaceId/uploads', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'write',
        idempotent: true,
      },
      schema: {
        operationId: 'createUpload',
        tags: ['uploads'],
        params: WorkspaceParams,
        headers: IdempotencyHeader,
        body: UploadInput,
        response: {
          201: Ref(CreatedUpload),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await uploads.create(request.caller, memberOf(request), request.body)))

    app.get('/workspaces/:workspaceId/uploads', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'write',
      },
      schema: {
        operationId: 'listOpenUploads',
        tags: ['uploads'],
        summary: 'One’s own unfinished uploads',
        params: WorkspaceParams,
        response: {
          200: Page(Ref(OpenUpload)),
          ...problems,
        },
      },
    }, async request => ({ items: await uploads.listOpen(memberOf(request)), nextCursor: null }))

    app.delete('/workspaces/:workspaceId/uploads/:uploadId', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'write',
      },
      schema: {
        operationId: 'abortOwnUpload',
        tags: ['uploads'],
        params: Type.Object({ workspaceId: Uuid, uploadId: Uuid }),
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await uploads.abortOwn(request.caller, memberOf(request), request.params.uploadId)
      return reply.status(204).send(null)
    })

    app.get('/uploads/:uploadId', {
      config: { access: 'upload' },
      schema: {
        operationId: 'getUpload',
        tags: ['uploads'],
        params: UploadParams,
        response: {
          200: Ref(Upload),
          ...problems,
        },
      },
    }, request => uploads.get(request.params.uploadId, bearerOf(request)))

    app.post('/uploads/:uploadId/complete', {
      config: { access: 'upload' },
      schema: {
        operationId: 'completeUpload',
        tags: ['uploads'],
        params: UploadParams,
        body: Type.Union([
          CompleteInput,
          Type.Null(),
        ]),
        response: {
          201: Ref(Item),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await uploads.complete(request.caller, request.params.uploadId, bearerOf(request), request.body ?? {})))

    app.delete('/uploads/:uploadId', {
      config: { access: 'upload' },
      schema: {
        operationId: 'abortUpload',
        tags: ['uploads'],
        params: UploadParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await uploads.abort(request.caller, request.params.uploadId, bearerOf(request))
      return reply.status(204).send(null)
    })

    await app.register(partRoutes(uploads))
  }
}

/** Its own scope: here a body of any type is bytes, and stays a stream. */
function partRoutes(uploads: Deps['uploads']): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))

    app.put('/uploads/:uploadId/parts/:n', {
      config: { access: 'upload' },
      schema: {
        operationId: 'putPart',
        tags: ['uploads'],
        summary: 'The raw bytes of one part',
        consumes: ['application/octet-stream'],
        params: PartParams,
        headers: Type.Object({
          'content-digest': Type.Optional(Type.String({ maxLength: 512 })),
        }),
        response: {
          200: Type.Object({
            etag: Type.String(),
          }),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const length = request.headers['content-length']
      const { etag } = await uploads.putPart(request.params.uploadId, bearerOf(request), request.params.n, {
        body: (request.body as Readable | undefined) ?? request.raw,
        contentLength: length === undefined
          ? undefined
          : Number(length),
        contentDigest: request.headers['content-digest'],
        signal: abortSignalOf(request),
      })
      reply.header('etag', etag)
      return { etag }
    })
  }
}

/** Aborted when the client goes away before its request has been read to the end. */
function abortSignalOf(request: FastifyRequest): AbortSignal {
  const controller = new AbortController()
  request.raw.once('close', () => { if (!request.raw.complete) controller.abort() })
  return controller.signal
}
