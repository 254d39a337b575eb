import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { clearCookie, readCookie, setCookie } from '../../http/cookies.ts'
import { problems, Ref } from '../../http/schemas.ts'
import { RequestAccepted } from '../requests/requests.schemas.ts'
import { codeCookie } from './auth.cookies.ts'
import { EmailCodeInput, LoginAnswer, ResetAsked } from './auth.schemas.ts'
import { EMAIL_CODE_SECONDS } from './email-code.ts'
import { setSessionCookie } from './session-cookie.http.ts'

export function emailCodesRoutes({ emailCodes, config }: Pick<Deps, 'emailCodes' | 'config'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post('/auth/email-code', {
      config: { access: 'public' },
      schema: {
        operationId: 'askForEmailCode',
        tags: ['auth'],
        summary: 'Mails a code to a client’s contact, which counts once, for ten minutes, with the cookie that this sets; the answer is the same for all',
        body: ResetAsked,
        response: {
          202: Ref(RequestAccepted),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const token = await emailCodes.ask(request.caller, request.body)
      setCookie(reply, config, codeCookie, token, { maxAge: EMAIL_CODE_SECONDS })
      return reply.status(202).send({ accepted: true })
    })

    app.post('/auth/email-code/verify', {
      config: { access: 'public' },
      schema: {
        operationId: 'loginByEmailCode',
        tags: ['auth'],
        summary: 'A session, by the mailed code and the cookie of who asked for it; for somebody with a second factor what POST /auth/mfa takes. Five attempts, then another code',
        body: EmailCodeInput,
        response: {
          200: LoginAnswer,
          ...problems,
        },
      },
    }, async (request, reply) => {
      const answer = await emailCodes.verify(request.caller, readCookie(request, config, codeCookie), request.body)
      clearCookie(reply, config, codeCookie)
      return 'mfaToken' in answer
        ? answer
        : setSessionCookie(app, reply, config, answer)
    })
  }
}
