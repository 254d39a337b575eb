import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { BrowserStorageKey } from '../../http/browser-storage.ts'
import { NoContent, problems, Ref } from '../../http/schemas.ts'
import { analyticsOf, asksNotToBeCounted } from '../analytics/analytics.policy.ts'
import { SignedInAnswer } from '../auth/auth.schemas.ts'
import { takesRegistrations } from '../auth/registration.policy.ts'
import { setSessionCookie } from '../auth/session-cookie.http.ts'
import { trash } from '../items/items.retention.ts'
import { daysKept } from '../retention/kept-days.ts'
import { InstanceChange, InstanceSettings, PublicInstance, SetupInput, SetupState, SetupTokenInput } from './instance.schemas.ts'

export const instanceShapes = [
  SetupState,
  PublicInstance,
  InstanceSettings,
  BrowserStorageKey,
]

/** Who comes in, what operators show, and for how long: a session that was left open changes none of it. */
const STEP_UP_SETTINGS = [
  'registration',
  'registrationDomains',
  'operatorsNeedFactor',
  'sessionIdleMinutes',
  'sessionTotalMinutes',
  'policyReview',
] as const satisfies (keyof InstanceChange)[]

export function instanceRoutes({ db, instance, oidc, mail, publicFace, config, version, commit }: Pick<Deps, 'db' | 'instance' | 'oidc' | 'mail' | 'publicFace' | 'config' | 'version' | 'commit'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/setup', {
      config: { access: 'public' },
      schema: {
        operationId: 'getSetup',
        tags: ['instance'],
        response: {
          200: Ref(SetupState),
          ...problems,
        },
      },
    }, async () => ({ required: !await instance.isSetUp() }))

    app.post('/setup', {
      config: { access: 'public' },
      // Before the body is looked at: afterwards there is nothing here, whatever is sent.
      onRequest: () => instance.assertNotSetUp(),
      schema: {
        operationId: 'setUp',
        tags: ['instance'],
        summary: 'Make the first operator; once',
        body: SetupInput,
        response: {
          201: Ref(SignedInAnswer),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await setSessionCookie(app, reply, config, await instance.setUp(request.caller, request.body))))

    app.post('/setup/check', {
      config: { access: 'public' },
      onRequest: () => instance.assertNotSetUp(),
      schema: {
        operationId: 'checkSetupToken',
        tags: ['instance'],
        summary: 'Whether this is the set-up token, before the rest is filled in',
        body: SetupTokenInput,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await instance.checkSetupToken(request.caller, request.body.token)
      return reply.status(204).send(null)
    })

    app.get('/instance', {
      config: { access: 'public' },
      schema: {
        operationId: 'getInstance',
        tags: ['instance'],
        summary: 'What every visitor may know of this deployment',
        response: {
          200: Ref(PublicInstance),
          ...problems,
        },
      },
    }, async (request) => {
      const settings = await instance.settings()
      const { name, organisation, contactEmail, publicUrl } = settings
      return {
        name,
        organisation,
        contactEmail,
        publicUrl,
        canMail: mail.canSend,
        registration: {
          mode: settings.registration,
          domains: settings.registration === 'domain'
            ? settings.registrationDomains
            : [],
          isOpen: mail.canSend && takesRegistrations(settings),
        },
        hasHome: (await publicFace.get()).hasHome,
        trashDays: await daysKept(db, trash),
        hasProviders: (await oidc.listProviders()).length > 0,
        analytics: asksNotToBeCounted(request.headers)
          ? null
          : analyticsOf(config),
        version,
        // The version everybody has anyway, by the description of the API; which faults are mended in it, visitors need not know.
        ...(commit !== undefined && await app.isSignedIn(request)
          ? { commit }
          : {}),
      }
    })

    app.get('/admin/instance', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getInstanceSettings',
        tags: ['operator'],
        response: {
          200: Ref(InstanceSettings),
          ...problems,
        },
      },
    }, () => instance.settings())

    app.patch('/admin/instance', {
      config: {
        access: 'operator',
        stepUp: body => STEP_UP_SETTINGS.some(name => (body as InstanceChange)[name] !== undefined),
      },
      schema: {
        operationId: 'changeInstanceSettings',
        tags: ['operator'],
        body: InstanceChange,
        response: {
          200: Ref(InstanceSettings),
          ...problems,
        },
      },
    }, request => instance.change(request.caller, request.body))

    app.get('/openapi.json', {
      config: { access: 'public' },
      schema: {
        hide: true,
        response: {
          200: Type.Any(),
        },
      },
    }, async (_request, reply) => reply.send(app.swagger()))
  }
}
