import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { problems, Ref } from '../../http/schemas.ts'
import { PublicFace, PublicFaceInput } from './public-face.schemas.ts'

export const publicFaceShapes = [PublicFace]

export function publicFaceRoutes({ publicFace }: Pick<Deps, 'publicFace'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/public/face', {
      config: { access: 'public' },
      schema: {
        operationId: 'getPublicFace',
        tags: ['public'],
        summary: 'What the home page of this deployment says',
        response: {
          200: Ref(PublicFace),
          ...problems,
        },
      },
    }, () => publicFace.get())

    app.put('/admin/public-face', {
      config: { access: 'operator' },
      schema: {
        operationId: 'setPublicFace',
        tags: ['operator'],
        body: PublicFaceInput,
        response: {
          200: Ref(PublicFace),
          ...problems,
        },
      },
    }, request => publicFace.set(request.caller, request.body))
  }
}
