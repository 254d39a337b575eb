import type { createOutgoingFetch, OutgoingRequest } from '../../http/outgoing-fetch.ts'
import type { Told } from './oidc.policy.ts'
import * as jose from 'jose'
import * as oidc from 'openid-client'
import { OutgoingError } from '../../http/outgoing-fetch.ts'
import { providerFailed, signInGivenUp, wrongAnswer } from './oidc.errors.ts'

/** A provider, as it is spoken with. */
export interface Provider {
  id: string
  issuer: string
  clientId: string
  /** Null: a public client. */
  clientSecret: string | null
  scopes: string
  /** Whether an operator vouches for its address: it may be in a private network then. */
  isOperators: boolean
}

export interface Discovered { issuer: string, endsSessions: boolean, scopes: string[], claims: string[] }

export interface OidcClient {
  /** What an issuer says of itself. @throws {AppError} `provider.failed`, whose detail says why */
  lookUp: (issuer: string, by: Pick<Provider, 'isOperators'>) => Promise<Discovered>
  /** Where a browser is sent; `again`: where the person shows anew who they are. @throws {AppError} `provider.failed` */
  authorizationUrl: (provider: Provider, asked: Asked & { state: string, again?: boolean }) => Promise<string>
  /**
   * Judges what the browser came back with, and has the provider say who it is.
   * @throws {AppError} `provider.wrong_answer`, `provider.given_up`, `provider.failed`
   */
  finish: (provider: Provider, asked: Asked & { state: string }, query: string) => Promise<Told>
  /**
   * Judges what a provider sends when somebody has signed out there (OpenID Connect Back-Channel Logout 1.0, section 2.6). One of both at least says whom it means.
   * @throws {AppError} `provider.wrong_answer`, `provider.failed`
   */
  judgeLogout: (provider: Provider, logoutToken: string) => Promise<{ subject?: string, sid?: string, issuedAt: Date }>
  /** Where a browser is sent to end the session there; undefined where the provider has no such place, or does not answer. */
  endSessionUrl: (provider: Provider, backTo: string) => Promise<string | undefined>
}

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** Signed with a key that only the provider has: never `none`, nor a sum that anybody could make with the public key. */
const SIGNATURES = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]
/** Old ones say nothing of now. */
const LOGOUT_SECONDS = 120

interface Asked { redirectUri: string, codeVerifier: string, nonce: string }

const SECONDS = 10
/** What a provider says of itself changes once in years; its keys the library asks for by itself. */
const KEPT_MS = 10 * 60_000
/** Of them; the one that was asked first goes. An answer has 1 MiB at most. */
const MOST_KNOWN = 100
/** Providers' clocks; ours is the database's. */
export const TOLERATED_SECONDS = 30

/** What fails at the provider, rather than in what it says of somebody. */
const FAILURES = new Set<unknown>([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_RESPONSE_BODY_ERROR',
  'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
  'OAUTH_MISSING_SERVER_METADATA',
  'OAUTH_INVALID_SERVER_METADATA',
])

/** For operators, in words that name no secret: of the library's those are fixed. */
function reasonOf(error: Error): string {
  if (error instanceof oidc.ResponseBodyError || error instanceof oidc.AuthorizationResponseError) return `It says “${error.error}”`
  const { cause } = error
  if (cause instanceof OutgoingError) return cause.message
  return cause instanceof Error
    ? `${error.message}: ${cause.message}`
    : error.message
}

/** Speaks OpenID Connect. The only file that knows the library. */
export function createOidcClient({ clock, log, outgoingFetch }: {
  clock: () => Date
  log: { error: (fields: object, message: string) => void }
  outgoingFetch: typeof createOutgoingFetch
}): OidcClient {
  interface Known {
    metadata: oidc.ServerMetadata
    until: number
    keys?: oidc.ExportedJWKSCache
    /** The same, for what the other library judges. */
    keySet?: ReturnType<typeof jose.createRemoteJWKSet>
  }
  const known = new Map<string, Known>()
  const fetches = {
    operators: outgoingFetch({ allowsPrivate: true }),
    others: outgoingFetch({ allowsPrivate: false }),
  }

  const guardFor = ({ isOperators }: Pick<Provider, 'isOperators'>) => isOperators
    ? fetches.operators
    : fetches.others
  const fetchFor = (provider: Pick<Provider, 'isOperators'>) => ((url, request) => guardFor(provider)(url, request as OutgoingRequest)) as oidc.CustomFetch

  async function discover(issuer: string, isOperators: boolean): Promise<Known> {
    const key = `${isOperators} ${issuer}`
    const now = clock().getTime()
    const kept = known.get(key)
    if (kept && now < kept.until) return kept
    const server = new URL(issuer)
    const found = await oidc.discovery(server, 'discovery', undefined, oidc.None(), {
      [oidc.customFetch]: fetchFor({ isOperators }),
      timeout: SECONDS,
      // How it is reached the fetch decides, for it knows where it goes.
      execute: [oidc.allowInsecureRequests],
    })
    const metadata = found.serverMetadata()
    // People are sent there.
    for (const place of [metadata.authorization_endpoint, metadata.end_session_endpoint]) {
      const protocol = place === undefined
        ? undefined
        : URL.parse(place)?.protocol
      if (place !== undefined && protocol !== 'https:' && protocol !== server.protocol) throw new OutgoingError(`It sends people to ${place}`)
    }
    const fresh: Known = {
      metadata: { ...metadata } as oidc.ServerMetadata,
      until: now + KEPT_MS,
    }
    if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value!)
    known.set(key, fresh)
    return fresh
  }

  async function configure(provider: Provider) {
    const { issuer, clientId, clientSecret, isOperators } = provider
    const server = await discover(issuer, isOperators)
    const methods = server.metadata.token_endpoint_auth_methods_supported
    const secretBy = methods?.includes('client_secret_basic') === false
      ? oidc.ClientSecretPost
      : oidc.ClientSecretBasic
    const config = new oidc.Configuration(server.metadata, clientId, {
      [oidc.clockSkew]: Math.round((clock().getTime() - systemTime()) / 1000),
      [oidc.clockTolerance]: TOLERATED_SECONDS,
    }, clientSecret === null
      ? oidc.None()
      : secretBy(clientSecret))
    config[oidc.customFetch] = fetchFor(provider)
    config.timeout = SECONDS
    oidc.allowInsecureRequests(config)
    // The token came over TLS from where it was asked for, and its signature is checked all the same: so `none`, and a sum that anybody can make with the public key, is never taken.
    oidc.enableNonRepudiationChecks(config)
    if (server.keys) oidc.setJwksCache(config, server.keys)
    return {
      config,
      keepKeys: () => { server.keys = oidc.getJwksCache(config) ?? server.keys },
    }
  }

  /** @throws {AppError} what an error of the library, or of the network, is to people; before somebody has come back, the provider alone can be at fault */
  function translate(error: unknown, what: 'look up' | 'begin' | 'finish' | 'log out'): never {
    if (!(error instanceof Error)) throw error
    const { code } = error as { code?: unknown }
    if (error instanceof oidc.AuthorizationResponseError && error.error === 'access_denied') throw signInGivenUp('Begin again if that was not meant')
    const reason = reasonOf(error)
    log.error({ code, reason, what }, 'a sign-in by a provider failed')
    const isFailure = what === 'look up' || what === 'begin' || error instanceof OutgoingError || error.cause instanceof OutgoingError || error instanceof oidc.AuthorizationResponseError || FAILURES.has(code)
    throw (isFailure
      ? providerFailed
      : wrongAnswer)({
      detail: reason,
      cause: error,
    })
  }

  return {
    async lookUp(issuer, { isOperators }) {
      try {
        known.delete(`${isOperators} ${issuer}`)
        const { metadata } = await discover(issuer, isOperators)
        return {
          issuer: metadata.issuer,
          endsSessions: metadata.end_session_endpoint !== undefined,
          scopes: metadata.scopes_supported ?? [],
          claims: metadata.claims_supported ?? [],
        }
      }
      catch (error) {
        return translate(error, 'look up')
      }
    },

    async authorizationUrl(provider, { redirectUri, codeVerifier, nonce, state, again = false }) {
      try {
        const { config } = await configure(provider)
        return oidc.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          scope: provider.scopes,
          state,
          nonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
          code_challenge_method: 'S256',
          ...again
            ? { prompt: 'login', max_age: '0' }
            : {},
        }).href
      }
      catch (error) {
        return translate(error, 'begin')
      }
    },

    async finish(provider, { redirectUri, codeVerifier, nonce, state }, query) {
      try {
        const { config, keepKeys } = await configure(provider)
        const tokens = await oidc.authorizationCodeGrant(config, new URL(`${redirectUri}?${query}`), {
          pkceCodeVerifier: codeVerifier,
          expectedNonce: nonce,
          expectedState: state,
          idTokenExpected: true,
        })
        keepKeys()
        const claims = tokens.claims()!
        // Some say who it is there alone. What is signed counts before what is not.
        const info = config.serverMetadata().userinfo_endpoint === undefined
          ? {}
          : await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
        return {
          subject: claims.sub,
          sid: typeof claims.sid === 'string' && claims.sid.length <= 255
            ? claims.sid
            : null,
          authAt: typeof claims.auth_time === 'number'
            ? new Date(claims.auth_time * 1000)
            : null,
          claims: {
            ...info,
            ...claims,
          },
        }
      }
      catch (error) {
        return translate(error, 'finish')
      }
    },

    async judgeLogout(provider, logoutToken) {
      try {
        const server = await discover(provider.issuer, provider.isOperators)
        const { issuer, jwks_uri: keysAt } = server.metadata
        if (keysAt === undefined) throw new OutgoingError('It does not say where its keys are')
        server.keySet ??= jose.createRemoteJWKSet(new URL(keysAt), {
          [jose.customFetch]: (url, { signal }) => guardFor(provider)(url, { signal }),
          timeoutDuration: SECONDS * 1000,
        })
        const { payload: { sub, sid, iat, jti, nonce, events } } = await jose.jwtVerify(logoutToken, server.keySet, {
          issuer,
          audience: provider.clientId,
          algorithms: SIGNATURES,
          clockTolerance: TOLERATED_SECONDS,
          currentDate: clock(),
          maxTokenAge: LOGOUT_SECONDS,
        })
        const event = (events as Record<string, unknown> | null | undefined)?.[LOGOUT_EVENT]
        const isText = (value: unknown) => typeof value === 'string' && value !== ''
        const isWrong = typeof event !== 'object' || event === null
          // An ID token has one, and is not to end anything.
          || nonce !== undefined
          || !isText(jti)
          || [sub, sid].some(value => value !== undefined && !isText(value))
          || (sub === undefined && sid === undefined)
        if (isWrong) throw new Error('This is no logout token')
        return {
          subject: sub,
          sid: sid as string | undefined,
          issuedAt: new Date(iat! * 1000),
        }
      }
      catch (error) {
        return translate(error, 'log out')
      }
    },

    async endSessionUrl(provider, backTo) {
      try {
        const { config } = await configure(provider)
        return config.serverMetadata().end_session_endpoint === undefined
          ? undefined
          : oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: backTo }).href
      }
      catch {
        return undefined
      }
    },
  }
}

/** What the library goes by. */
// eslint-disable-next-line no-restricted-syntax
const systemTime = () => Date.now()
