import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Buffer } from 'node:buffer'
import type { Readable } from 'node:stream'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { requestTooLarge } from '../../errors/common-errors.ts'
import { Bytes, NoContent, problems, Ref } from '../../http/schemas.ts'
import { SMALLEST_PART } from '../uploads/parts/part-size.ts'
import { DoctorReport, Finding, SILENCE_SECONDS } from './doctor.schemas.ts'
import { keepSilent } from './silence.http.ts'
import { visitOf } from './visit.http.ts'

export const doctorShapes = [Finding, DoctorReport]

export function doctorRoutes({ doctor }: Pick<Deps, 'doctor'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    const leaving = new AbortController()
    app.addHook('preClose', async () => leaving.abort())

    app.get('/admin/doctor', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getDoctorReport',
        tags: ['operator'],
        summary: 'What the last check of all that the deployment stands on has found, and how this request came',
        response: {
          200: Ref(DoctorReport),
          ...problems,
        },
      },
    }, request => doctor.report(visitOf(request)))

    app.post('/admin/doctor/check', {
      config: { access: 'operator' },
      schema: {
        operationId: 'checkDeployment',
        tags: ['operator'],
        summary: 'Check all of it now, in the background; nothing while a check is under way in the deployment',
        response: {
          200: Ref(DoctorReport),
          ...problems,
        },
      },
    }, async (request) => {
      await doctor.begin()
      return doctor.report(visitOf(request))
    })

    app.get('/admin/doctor/silence', {
      config: { access: 'operator' },
      schema: {
        operationId: 'keepSilence',
        tags: ['operator'],
        summary: 'Answers after some seconds, to see whether everything on the way waits for it',
        querystring: Type.Object({
          seconds: Type.Integer({ minimum: 0, maximum: SILENCE_SECONDS, default: SILENCE_SECONDS }),
        }),
        response: { 204: NoContent, ...problems },
      },
    }, (request, reply) => keepSilent(reply, request.query.seconds, leaving.signal))

    await app.register(bodyRoute)
  }
}

/** Its own scope: here a body of any type is bytes, and stays a stream. */
const bodyRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))

  app.put('/admin/doctor/body', {
    config: { access: 'operator' },
    schema: {
      operationId: 'sendBody',
      tags: ['operator'],
      summary: 'Takes a body as large as a part of an upload and keeps nothing of it, to see whether everything on the way lets it through',
      consumes: ['application/octet-stream'],
      response: {
        200: Type.Object({ bytes: Bytes }),
        ...problems,
      },
    },
  }, async (request) => {
    let bytes = 0
    for await (const chunk of (request.body as Readable | undefined) ?? request.raw) {
      bytes += (chunk as Buffer).length
      if (bytes > SMALLEST_PART) throw requestTooLarge()
    }
    return { bytes }
  })
}
