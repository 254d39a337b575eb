import type { TestUser } from './factories.ts'
import type { TestProvider } from './oidc-providers.ts'
import type { Answer, TestApp } from './test-app.ts'
import { expect } from 'vitest'

/* What a browser does with our addresses and a provider's. */

export const HERE = 'http://localhost:3000'
export const callbackOf = (slug: string) => `${HERE}/api/v1/auth/oidc/${slug}/callback`

export const cookieOf = ({ headers }: Answer, name: string) => [headers['set-cookie'] ?? []].flat().map(String).find(each => each.startsWith(`${name}=`))
export const stateCookie = (answer: Answer) => /^clientshare-oidc=([^;]*)/.exec(cookieOf(answer, 'clientshare-oidc')!)![1]!

export interface Landed {
  answer: Answer
  /** Of ours, at which it ends. */
  page: URL
  problem: string | null
  /** Its cookie. */
  session: string | undefined
}

/** One that knows nothing yet, each time. */
export function createOidcBrowser(test: TestApp, provider: () => TestProvider) {
  async function start(slug: string, next?: string): Promise<{ url: URL, state: string, answer: Answer }> {
    const answer = await test.call('POST', `/auth/oidc/${slug}/start`, {
      body: { next },
    })
    expect([answer.status, answer.body.code]).toEqual([200, undefined])
    return {
      answer,
      url: new URL(answer.body.url),
      state: stateCookie(answer),
    }
  }

  /** It comes back from the provider, with its cookie. */
  async function comeBack(url: string, state: string | undefined): Promise<Landed> {
    const answer = await test.call('GET', url.replace(HERE, ''), {
      headers: state === undefined
        ? {}
        : { cookie: `clientshare-oidc=${state}` },
    })
    expect(answer.status).toBe(302)
    const page = new URL(String(answer.headers.location))
    expect(page.origin).toBe(HERE)
    return {
      answer,
      page,
      problem: page.searchParams.get('problem'),
      session: /^clientshare-session=([^;]*)/.exec(cookieOf(answer, 'clientshare-session') ?? '')?.[1],
    }
  }

  return {
    start,
    comeBack,

    /** The whole way, as somebody who is known there by `login`. */
    async signIn(slug: string, login: string, next?: string): Promise<Landed> {
      const { url, state } = await start(slug, next)
      return comeBack(await provider().visit(url.href, login), state)
    },

    /** Somebody who is signed in connects who they are there. */
    async connect(slug: string, user: TestUser, login: string): Promise<Landed> {
      const answer = await test.call('POST', `/me/oidc/${slug}`, { token: user.token })
      expect([answer.status, answer.body.code]).toEqual([200, undefined])
      return comeBack(await provider().visit(answer.body.url, login), stateCookie(answer))
    },

    refresh: (session: string) => test.call('POST', '/auth/refresh', {
      headers: { cookie: `clientshare-session=${session}` },
    }),
  }
}
