import type { FastifyRequest, RouteOptions } from 'fastify'
import type { Caller, CallingPerson, SignedIn } from '../../http/caller.ts'
import type { TokensService } from '../tokens/tokens.service.ts'
import type { TokenScope, WorkspaceAction } from './access.policy.ts'
import type { AccessService, Seat } from './access.service.ts'
import fp from 'fastify-plugin'
import { looksLikeAccessToken } from '../../crypto/access-token.ts'
import { AppError } from '../../errors/app-error.ts'
import { accessDenied, requestInvalid, unauthenticated } from '../../errors/common-errors.ts'
import { bodyBytesOf } from '../../http/body-limit.ts'
import { clientAddressOf } from '../../http/client-address.ts'
import { acceptanceRequired } from '../acceptances/acceptances.errors.ts'
import { secondFactorRequired } from '../auth/auth.errors.ts'
import { deviceTokenOf } from '../auth/known-devices.ts'
import { requirePortalSeat, requireSeat } from './access.service.ts'

/**
 * Who may call a route at all. Every route declares it, or the server does not start.
 * What a call may touch beyond the workspace in its address, the service decides by AccessService.requireItem.
 */
export type RouteAccess
  = | 'public'
  /** A signed-in person. */
    | 'session'
  /** A person who runs the instance. */
    | 'operator'
  /** The bearer of this upload's own token. */
    | 'upload'
  /** A visitor: the link's token in the address, its gates behind it. */
    | 'link'
  /** The bearer of a download ticket in the address. */
    | 'ticket'
  /** Whoever fills a request for files: the request's token in the address, its gates behind it. */
    | 'guest'
  /** A client's contact, at the portal of the workspace in the address. */
    | 'portal'
  /** A member of the workspace in the address, whose role allows this. */
    | { workspace: WorkspaceAction }

/** The kinds whose credential is in the address or a bearer of their own: the service that knows it checks it. */
const bearers = [
  'public',
  'upload',
  'link',
  'ticket',
  'guest',
] as const
type Bearer = typeof bearers[number]

/** Of JSON, at most, whatever the schema of a body allows: less from those of whom nobody knows who they are. */
export const BODY_BYTES = 2 ** 20
export const BEARERS_BODY_BYTES = 16 * 1024

interface Identified { person: CallingPerson, member: Seat | null }

/** What each other kind asks of the person, and of their seat in the workspace in the address. */
const requirements: { [Kind in Exclude<RouteAccess, Bearer | object> | 'workspace']: (found: Identified, need: RouteAccess) => Seat | null } = {
  session: () => null,
  operator: ({ person }) => {
    if (!person.isOperator) throw accessDenied('Only those who run this instance may do this')
    if (person.lacksFactor) throw secondFactorRequired('This server asks it of operators: set one up on your account page')
    return null
  },
  portal: ({ member }) => requirePortalSeat(member),
  workspace: ({ member }, need) => requireSeat(member, (need as { workspace: WorkspaceAction }).workspace),
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess
    /**
     * What a personal access token must have been given to call this; without it, nobody comes here with one. The address names a workspace, an item
     * or a file, by which a token of one workspace is kept there; or the service looks at the person's `onlyWorkspaceId`.
     */
    scope?: TokenScope
    /**
     * A dangerous act: the session has to have shown within five minutes what a sign-in asks for; or only where the body says that it is one. What
     * is dangerous: whatever changes how one signs in, who owns something, or what others may do.
     */
    stepUp?: true | ((body: unknown) => boolean)
    /** The most bytes that a body may have, where it is not for its schema to say: a form spells each letter of some languages in nine. */
    bodyBytes?: number
    /** Also for somebody who has not agreed yet to what the deployment asks them to: all by which they read, agree, ask, or leave. */
    beforeAgreeing?: true
  }
  interface FastifyInstance {
    /** Whether the request also proves a person, on a route that everybody may call. What proves nobody is as good as nothing. */
    isSignedIn: (request: FastifyRequest) => Promise<boolean>
  }
  interface FastifyRequest {
    caller: Caller
    personOrNull: CallingPerson | null
    /** Null also for who came with an access token. */
    signedInOrNull: SignedIn | null
    memberOrNull: Seat | null
  }
}

/** The person behind the request, by a session or a token, on a route whose access needs one. */
export function personOf(request: FastifyRequest): CallingPerson {
  if (!request.personOrNull) throw unauthenticated()
  return request.personOrNull
}

/** The person behind the request's session, on a route for sessions alone. */
export function signedInOf(request: FastifyRequest): SignedIn {
  if (!request.signedInOrNull) throw unauthenticated()
  return request.signedInOrNull
}

/** The member behind the request, on a route whose access is a workspace's. */
export function memberOf(request: FastifyRequest): Seat {
  if (!request.memberOrNull) throw unauthenticated()
  return request.memberOrNull
}

export function bearerOf(request: FastifyRequest): string {
  const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '') ?? []
  if (token === undefined) throw unauthenticated('Send an access token: Authorization: Bearer …')
  return token
}

export const accessPlugin = fp<{ access: AccessService, tokens: Pick<TokensService, 'identify'>, deviceCookie: string }>(async (app, { access, tokens, deviceCookie }) => {
  app.addHook('onRoute', (route: RouteOptions) => {
    const need = route.config?.access
    const name = `${String(route.method)} ${route.url}`
    if (need === undefined) throw new Error(`${name} does not declare config.access`)
    const { scope, stepUp, beforeAgreeing } = route.config!
    if (scope !== undefined && (isBearer(need) || need === 'operator')) throw new Error(`${name} cannot be for access tokens`)
    // For whoever reads the API's description.
    if (scope !== undefined) route.schema = Object.assign(route.schema ?? {}, { 'x-token-scope': scope })
    if (beforeAgreeing) route.schema = Object.assign(route.schema ?? {}, { 'x-before-agreeing': true })
    if (stepUp) route.schema = Object.assign(route.schema ?? {}, { 'x-step-up': true })
    route.bodyLimit = route.config!.bodyBytes ?? Math.min(bodyBytesOf(route.schema?.body), isBearer(need)
      ? BEARERS_BODY_BYTES
      : BODY_BYTES)
  })

  app.decorateRequest('caller', null as unknown as Caller)
  app.decorateRequest('personOrNull', null)
  app.decorateRequest('signedInOrNull', null)
  app.decorateRequest('memberOrNull', null)

  /** Who the bearer of a request proves, and says so to those who act for the request. */
  async function identify(request: FastifyRequest, scope: TokenScope | undefined): Promise<Identified> {
    const { workspaceId, itemId, fileId } = request.params as { workspaceId?: string, itemId?: string, fileId?: string }
    const bearer = bearerOf(request)
    if (looksLikeAccessToken(bearer)) {
      const { person, member, token } = await tokens.identify(request.caller.origin, bearer, scope, {
        workspaceId: uuidOrNil(workspaceId),
        itemId: uuidOrNil(itemId ?? fileId),
      })
      request.caller.token = { id: token.id, name: token.name }
      return {
        person: {
          ...person,
          onlyWorkspaceId: token.workspaceId ?? undefined,
        },
        member: member && access.seatNow(member),
      }
    }
    const { signedIn, member } = await access.authenticate(app.tokens.verifyAccess(bearer), uuidOrNil(workspaceId))
    request.signedInOrNull = signedIn
    return { person: signedIn, member }
  }

  app.decorate('isSignedIn', async (request) => {
    if (request.headers.authorization === undefined) return false
    try {
      await access.authenticate(app.tokens.verifyAccess(bearerOf(request)))
      return true
    }
    catch (error) {
      if (error instanceof AppError && error.code === unauthenticated.code) return false
      throw error
    }
  })

  /** A token was made by a session that had stepped up, and is told apart by its scopes. */
  function requireStepUp({ signedInOrNull }: FastifyRequest): void {
    if (signedInOrNull) access.requireStepUp(signedInOrNull)
  }

  app.addHook('onRequest', async (request) => {
    // Undefined, whatever Fastify's type says, of a peer that was gone before its connection was taken. Nobody waits for this, and the log
    // could not tell where it came from.
    if ((request.ip as string | undefined) === undefined) throw requestInvalid({ detail: 'The client is gone' })
    request.caller = {
      actor: { kind: 'visitor', id: null, name: '' },
      origin: originOf(request),
      device: deviceTokenOf(request.cookies[deviceCookie]),
    }
    // Unmatched addresses run hooks too, and must stay 404.
    if (request.is404) return
    const { access: need, scope, stepUp, beforeAgreeing } = request.routeOptions.config as { access: RouteAccess, scope?: TokenScope, stepUp?: unknown, beforeAgreeing?: true }
    if (isBearer(need)) return

    const found = await identify(request, scope)
    const { person } = found
    request.personOrNull = person
    request.caller.actor = { kind: 'user', id: person.userId, name: person.name }
    if (person.owesAcceptance && !beforeAgreeing) throw acceptanceRequired('GET /me says to what; POST /policy-acceptances agrees')
    request.memberOrNull = requirements[typeof need === 'object'
      ? 'workspace'
      : need](found, need)
    if (stepUp === true) requireStepUp(request)
  })

  app.addHook('preHandler', async (request) => {
    const { stepUp } = request.routeOptions.config
    if (typeof stepUp === 'function' && stepUp(request.body)) requireStepUp(request)
  })
}, {
  name: 'access',
  dependencies: ['tokens'],
})

const isBearer = (need: RouteAccess): need is Bearer => (bearers as readonly RouteAccess[]).includes(need)

/** The parameter is validated only after this hook: what is no id is nobody's. */
function uuidOrNil(text: string | undefined): string | undefined {
  return text === undefined || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
    ? text
    : '00000000-0000-0000-0000-000000000000'
}

function originOf(request: FastifyRequest): Caller['origin'] {
  const access = request.is404 ? undefined : request.routeOptions.config.access
  return {
    // Browsers always say how they fetch (Fetch Metadata); programs do not.
    via: access === 'link' || access === 'ticket' || access === 'guest'
      ? 'link'
      : request.headers['sec-fetch-mode'] ? 'web' : 'api',
    ip: clientAddressOf(request),
    userAgent: request.headers['user-agent']?.slice(0, 512) ?? null,
  }
}
