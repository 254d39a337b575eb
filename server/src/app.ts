import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import type { Deps } from './deps.ts'
import { randomUUID } from 'node:crypto'
import cookie from '@fastify/cookie'
import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import { trustedProxies } from './config/trusted-proxies.ts'
import { features } from './features.ts'
import { accessPlugin } from './features/access/access.plugin.ts'
import { deviceCookie } from './features/auth/auth.cookies.ts'
import { clientAddressPlugin } from './http/client-address.ts'
import { answerClientError, answerFrameworkError } from './http/client-errors.ts'
import { compressionPlugin } from './http/compression.ts'
import { headerFieldsPlugin } from './http/header-fields.ts'
import { healthRoutes } from './http/health.routes.ts'
import { idempotencyPlugin } from './http/idempotency.ts'
import { languagesOf } from './http/languages.ts'
import { leavingPlugin } from './http/leaving.ts'
import { problemPlugin } from './http/problem.ts'
import { publicAddressPlugin } from './http/public-address.ts'
import { Problem } from './http/schemas.ts'
import { securityHeadersPlugin } from './http/security-headers.ts'
import { lazySerializers } from './http/serialization.ts'
import { tokensPlugin } from './http/tokens.ts'
import { takeJson, useStrictValidation } from './http/validation.ts'
import { webAppPlugin } from './http/web-app.ts'

const API_BASE = '/api/v1'

/** Puts the server together; never listens, reads no environment. */
export async function buildApp(deps: Deps, options: Pick<FastifyServerOptions, 'loggerInstance' | 'logger'> = {}): Promise<FastifyInstance> {
  const { config } = deps
  const app = Fastify({
    ...options,
    schemaController: lazySerializers,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    trustProxy: trustedProxies(config.trustedProxies),
    // The whole request may take as long as its body flows (uploads); what stands still is ended by body-idle and Node's own header time-out.
    requestTimeout: 0,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    http: { headersTimeout: 15_000, connectionsCheckingInterval: 2_000 },
    routerOptions: { maxParamLength: 1024 },
    forceCloseConnections: 'idle',
    // The problem plugin answers 503 itself, as every other problem.
    return503OnClosing: false,
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
  }).withTypeProvider<TypeBoxTypeProvider>()
  // Asked for the first time when the peer is gone, the system no longer knows its address; Node keeps what it was told before.
  app.server.on('connection', socket => void socket.remoteAddress)
  useStrictValidation(app)
  takeJson(app)

  app.addHook('onListen', () => deps.uploadTurn.start())
  await app.register(leavingPlugin, {
    takesChanges: () => !deps.uploadTurn.isOthers(),
  })
  await app.register(securityHeadersPlugin, { publicUrl: config.publicUrl })
  await app.register(headerFieldsPlugin)
  await app.register(problemPlugin, { bodyIdleMs: config.bodyIdleSeconds * 1000 })
  await app.register(clientAddressPlugin, {
    onUnreadable: proxy => deps.instance.noteUnreadableAddresses(proxy),
  })
  await app.register(publicAddressPlugin, { publicUrl: config.publicUrl })
  await app.register(cookie)
  await app.register(tokensPlugin, { secretKey: config.secretKey, publicUrl: config.publicUrl, clock: deps.clock })
  await app.register(accessPlugin, {
    access: deps.access,
    tokens: deps.accessTokens,
    deviceCookie: deviceCookie.name(config),
  })
  app.decorate('pendingPolicies', (request, userId) => deps.acceptances.pendingOf(userId, languagesOf(request.headers['accept-language'])))
  await app.register(idempotencyPlugin, { db: deps.db, clock: deps.clock, secretKey: config.secretKey })
  await app.register(compressionPlugin)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'ClientShare',
        version: deps.version,
        description: 'Send files to clients, collect files from them, prove who got what.',
        license: { name: 'MIT' },
      },
      servers: [
        { url: '/' },
      ],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) => (typeof json.$id === 'string'
        ? json.$id
        : `def-${i}`),
    },
  })
  for (const shape of [
    Problem,
    ...features.flatMap(feature => feature.shapes ?? []),
  ]) app.addSchema(shape)

  await app.register(healthRoutes(deps))
  if (config.processMode !== 'worker') {
    await app.register(async (api) => {
      for (const { routes } of features) {
        if (routes) await api.register(routes(deps))
      }
    }, { prefix: API_BASE })
    for (const { bareRoutes } of features) {
      if (bareRoutes) await app.register(bareRoutes(deps))
    }
    await app.register(webAppPlugin, { webDir: config.webDir, analyticsUrl: config.analyticsUrl })
  }
  return app
}
