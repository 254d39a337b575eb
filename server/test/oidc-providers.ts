import type { AddressInfo } from 'node:net'
import { Buffer } from 'node:buffer'
import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import { text } from 'node:stream/consumers'
import Provider from 'oidc-provider'

/* Two providers of OpenID Connect: a real one, and one that says whatever it is told to. */

export const CLIENT = { id: 'clientshare', secret: 'a-secret-of-32-characters-or-more' }

interface Person { email?: string, email_verified?: boolean, name?: string, locale?: string, roles?: string[] }

export interface TestProvider {
  issuer: string
  /** Who can sign in there, by what they type. */
  people: Record<string, Person>
  /** As a browser that follows every redirect, and types a name where it is asked for one. @returns the address of ours that it ends at */
  visit: (url: string, login: string) => Promise<string>
  /** As the browser that somebody was there with last, who signs out there, by a button of the provider's own. */
  signOut: (login: string) => Promise<void>
  close: () => Promise<void>
}

async function listen(answer: http.RequestListener, host = 'localhost'): Promise<{ issuer: string, server: http.Server, close: () => Promise<void> }> {
  const server = http.createServer(answer)
  server.listen(0, host)
  await once(server, 'listening')
  return {
    server,
    issuer: `http://${host}:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/**
 * @param callbacks where it may send people back to, and where after a sign-out
 * @param host for a browser another site than ours is `127.0.0.1`
 * @param logoutUri where it tells that somebody has signed out there
 */
export async function startProvider(callbacks: string[], afterSignOut: string[], host?: string, logoutUri?: string): Promise<TestProvider> {
  let answer: http.RequestListener = () => {}
  const { issuer, close } = await listen((request, response) => answer(request, response), host)
  const people: Record<string, Person> = {}
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: callbacks,
        post_logout_redirect_uris: afterSignOut,
        ...logoutUri === undefined
          ? {}
          : { backchannel_logout_uri: logoutUri, backchannel_logout_session_required: true },
      },
    ],
    jwks: {
      keys: [
        {
          ...privateKey.export({ format: 'jwk' }),
          kid: 'one',
          use: 'sig',
          alg: 'RS256',
        } as object as never,
      ],
    },
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'locale', 'roles'],
    },
    cookies: {
      keys: ['for tests alone'],
    },
    ttl: Object.fromEntries([
      'AccessToken',
      'AuthorizationCode',
      'Grant',
      'IdToken',
      'Interaction',
      'Session',
    ].map(kind => [kind, 600])),
    pkce: {
      required: () => true,
    },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(ctx, form) {
          ctx.body = `<!doctype html><html lang="en"><title>The provider</title><link rel="icon" href="data:,">${form}<button form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button></html>`
        },
      },
    },
    // It would ask nobody on this machine.
    fetch: (url, request) => fetch(url, { ...request, dispatcher: undefined } as RequestInit),
    findAccount: (_ctx, id) => people[id] && {
      accountId: id,
      claims: async () => ({ sub: id, ...people[id] }),
    },
    interactions: {
      url: (_ctx, { uid }) => `/interaction/${uid}`,
    },
    // Nobody is asked whether they agree.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client!.clientId, accountId: oidc.session!.accountId! })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  })
  const handle = provider.callback()
  answer = async (request, response) => {
    if (!request.url!.startsWith('/interaction/')) return handle(request, response)
    if (request.method === 'GET') {
      return response.setHeader('content-type', 'text/html; charset=utf-8').end(`<!doctype html><html lang="en"><title>The provider</title><link rel="icon" href="data:,">
        <h1>The provider</h1><form method="post"><label>Who are you? <input name="login" required></label> <button>Sign in there</button></form>`)
    }
    const login = new URLSearchParams(await text(request)).get('login')!
    return provider.interactionFinished(request, response, login === ''
      ? { error: 'access_denied', error_description: 'given up' }
      : {
          login: { accountId: login },
        })
  }

  /** The cookies of each one's last visit. */
  const jars = new Map<string, Map<string, string>>()
  /** One request of a browser, which follows no redirect. */
  async function browse(jar: Map<string, string>, url: string, form?: Record<string, string>): Promise<Response> {
    const answered = await fetch(url, {
      redirect: 'manual',
      method: form
        ? 'POST'
        : 'GET',
      headers: {
        cookie: [...jar].map(pair => pair.join('=')).join('; '),
      },
      ...form && {
        body: new URLSearchParams(form),
      },
    })
    for (const cookie of answered.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      jar.set(name!, value!)
    }
    return answered
  }

  return {
    issuer,
    people,
    close,
    async visit(url, login) {
      const jar = new Map<string, string>()
      jars.set(login, jar)
      let next = url
      while (next.startsWith(issuer)) {
        const answered = await browse(jar, next, next.startsWith(`${issuer}/interaction/`)
          ? { login }
          : undefined)
        const location = answered.headers.get('location')
        if (location === null) throw new Error(`The provider answers ${answered.status}: ${await answered.text()}`)
        next = new URL(location, next).href
      }
      return next
    },
    async signOut(login) {
      const jar = jars.get(login)!
      const page = await (await browse(jar, `${issuer}/session/end`)).text()
      const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(page)!
      await browse(jar, `${issuer}/session/end/confirm`, { xsrf: xsrf!, logout: 'yes' })
    },
  }
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

export interface Lie {
  header?: object
  claims?: object
  /** Instead of a signature with the key that it shows. */
  signature?: 'none' | 'by the public key' | 'by another key'
  /** Instead of all of it. */
  token?: (idToken: string) => string
}

export interface LyingProvider {
  issuer: string
  /** What the next ID token says. */
  lie: Lie
  /** What its description says besides, or instead. */
  metadata: Record<string, unknown>
  /** The forms that came to its token endpoint. */
  asked: URLSearchParams[]
  /** A token with its signature, of what it says next. */
  tokenFor: (nonce: string | undefined) => string
  close: () => Promise<void>
}

/** Its people are never asked anything: whoever comes back with a code is the subject `mallory`. */
export async function startLyingProvider(): Promise<LyingProvider> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const state: Omit<LyingProvider, 'issuer' | 'close' | 'tokenFor'> = { lie: {}, metadata: {}, asked: [] }

  function idToken(nonce: string | undefined, issuer: string): string {
    const { lie: { header = {}, claims = {}, signature } } = state
    const now = Math.floor(Date.now() / 1000)
    const signed = `${part({ alg: 'RS256', kid: 'one', ...header })}.${part({
      iss: issuer,
      aud: CLIENT.id,
      sub: 'mallory',
      nonce,
      iat: now,
      exp: now + 60,
      ...claims,
    })}`
    const by = {
      'none': () => '',
      'by the public key': () => createHmac('sha256', publicKey.export({ format: 'pem', type: 'spki' })).update(signed).digest('base64url'),
      'by another key': () => sign('sha256', Buffer.from(signed), other).toString('base64url'),
      'right': () => sign('sha256', Buffer.from(signed), privateKey).toString('base64url'),
    }
    const token = `${signed}.${by[signature ?? 'right']()}`
    return state.lie.token?.(token) ?? token
  }

  const { issuer, close } = await listen(async (request, response) => {
    const answer = (value: object) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
    const { pathname } = new URL(request.url!, 'http://localhost')
    if (pathname === '/.well-known/openid-configuration') {
      return answer({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
        token_endpoint_auth_methods_supported: ['client_secret_post'],
        authorization_response_iss_parameter_supported: true,
        ...state.metadata,
      })
    }
    if (pathname === '/keys') {
      return answer({
        keys: [
          {
            ...publicKey.export({ format: 'jwk' }),
            kid: 'one',
            use: 'sig',
          },
        ],
      })
    }
    const form = new URLSearchParams(await text(request))
    state.asked.push(form)
    // It has read the nonce where the browser came by.
    return answer({
      access_token: randomUUID(),
      token_type: 'Bearer',
      id_token: idToken(form.get('code')!, issuer),
    })
  })
  return Object.assign(state, {
    issuer,
    close,
    tokenFor: (nonce: string | undefined) => idToken(nonce, issuer),
  })
}
