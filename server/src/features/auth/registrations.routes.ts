import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { Body, Email, Literals, Name, Password, problems, Ref } from '../../http/schemas.ts'
import { mailLanguages } from '../../mail/define-mail.ts'
import { Acceptances } from '../acceptances/acceptances.schemas.ts'
import { RequestAccepted } from '../requests/requests.schemas.ts'
import { SignedInAnswer } from './auth.schemas.ts'
import { setSessionCookie } from './session-cookie.http.ts'

const RegistrationParams = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 100 }),
})
const RegistrationFor = Type.Object({
  email: Type.String(),
}, { $id: 'RegistrationFor', description: 'Whose account the link makes' })

export const registrationsShapes = [RegistrationFor]

export function registrationsRoutes({ registrations, config }: Pick<Deps, 'registrations' | 'config'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post('/auth/register', {
      config: { access: 'public' },
      schema: {
        operationId: 'askForRegistration',
        tags: ['auth'],
        summary: 'Where people may make accounts by themselves: mails a link that finishes it. The answer is the same whether the address has an account',
        body: Body({
          email: Email,
          language: Type.Optional(Literals(...mailLanguages)),
        }),
        response: {
          202: Ref(RequestAccepted),
          ...problems,
        },
      },
    }, async (request, reply) => {
      await registrations.ask(request.caller, request.body)
      return reply.status(202).send({ accepted: true })
    })

    app.get('/auth/register/:token', {
      config: { access: 'public' },
      schema: {
        operationId: 'showRegistration',
        tags: ['auth'],
        params: RegistrationParams,
        response: {
          200: Ref(RegistrationFor),
          ...problems,
        },
      },
    }, request => registrations.show(request.params.token))

    app.post('/auth/register/:token', {
      config: { access: 'public' },
      schema: {
        operationId: 'register',
        tags: ['auth'],
        summary: 'Once: makes the account and signs in to it',
        params: RegistrationParams,
        body: Body({
          name: Name(120),
          password: Password(),
          locale: Type.Optional(Literals(...mailLanguages)),
          acceptances: Type.Optional(Acceptances),
        }),
        response: {
          201: Ref(SignedInAnswer),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const session = await registrations.finish(request.caller, request.params.token, request.body)
      return reply.status(201).send(await setSessionCookie(app, reply, config, session))
    })
  }
}
