import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Readable } from 'node:stream'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { requestTimeout, requestTooLarge } from '../../errors/common-errors.ts'
import { NoContent, problems, Sent, Uuid } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { MAX_SENT_BYTES, MAX_SENT_MS } from './pictures.policy.ts'

export function picturesRoutes({ pictures, clock }: Pick<Deps, 'pictures' | 'clock'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    // Here a body of any type is bytes: what it is, they say themselves.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))

    app.put('/me/picture', {
      config: { access: 'session' },
      schema: {
        operationId: 'setPicture',
        tags: ['auth'],
        summary: 'A JPEG, PNG or WebP of 10 MiB and 50 million pixels at most; its middle is kept, as a WebP of 512 pixels at most',
        consumes: ['application/octet-stream'],
        response: {
          200: Type.Object({
            picture: Type.String({ description: 'Its version' }),
          }),
          ...problems,
        },
      },
    }, async request => pictures.set(request.caller, signedInOf(request), () => readAll((request.body as Readable | undefined) ?? request.raw, clock)))

    app.delete('/me/picture', {
      config: { access: 'session' },
      schema: {
        operationId: 'removePicture',
        tags: ['auth'],
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await pictures.remove(request.caller, signedInOf(request))
      return reply.status(204).send(null)
    })

    app.get('/users/:userId/picture', {
      config: { access: 'session' },
      schema: {
        operationId: 'getPicture',
        tags: ['auth'],
        summary: 'Of oneself, of who is in a workspace with one, and of everybody for operators',
        params: Type.Object({ userId: Uuid }),
        headers: Type.Object({
          'if-none-match': Type.Optional(Type.String({ maxLength: 256 })),
        }),
        response: {
          200: Sent('The picture', 'image/webp'),
          304: NoContent,
          ...problems,
        },
      },
    }, async (request, reply) => {
      const { image, version } = await pictures.show(signedInOf(request), request.params.userId)
      const etag = `"${version}"`
      // Asked for again each time, because who may see it can change; sent again only when it is another.
      reply.headers({ etag, 'cache-control': 'private, no-cache' })
      return request.headers['if-none-match'] === etag
        ? reply.status(304).send(null)
        : reply.type('image/webp').send(image)
    })
  }
}

/** @throws {AppError} `request.too_large`, and `request.timeout` for what comes drop by drop: the room that it has is wanted by others */
async function readAll(body: Readable, clock: () => Date): Promise<Buffer> {
  const chunks: Buffer[] = []
  const endsAt = clock().getTime() + MAX_SENT_MS
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_SENT_BYTES) throw requestTooLarge()
    if (clock().getTime() > endsAt) throw requestTimeout('The picture did not arrive in time')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
