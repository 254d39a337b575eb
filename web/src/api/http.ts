import { isAbort, problemFromResponse, toProblem } from './problem.ts'
import { noteServerTime } from './server-time.ts'

/** Where access tokens come from; the session store is one. */
export interface TokenSource {
  /** A token good for now, or null for a visitor. */
  get: () => Promise<string | null>
  /** A token other than the one just refused; null when the person did not sign in again. */
  replace: (refused: string) => Promise<string | null>
  /** Asks the person to show that it is them; absent: nobody is there to ask. @returns whether they did */
  stepUp?: () => Promise<boolean>
  /** Something was refused until the person has agreed to a policy. */
  mustAgree?: () => void
}

const asksForStepUp = async (response: Response) => (await problemFromResponse(response.clone())).code === 'auth.step_up_required'

export interface HttpDeps {
  fetch: typeof globalThis.fetch
  tokens: () => TokenSource
  timeoutMs?: number
}

/** These answer to no session: a stale bearer must never turn a public page into a sign-in. */
const sessionless = /^\/api\/v1\/(?:public|auth|setup|instance|uploads|downloads)(?:\/|$)/

/**
 * `fetch` for our API: adds the bearer, renews it once on a 401, asks who it is and sends once more where the server wants to know, limits the wait for small bodies, and throws ProblemError
 * for every answer that is not 2xx and every network failure. An abort by the caller is thrown on as it is.
 */
export function createApiFetch({ fetch, tokens, timeoutMs = 30_000 }: HttpDeps): typeof globalThis.fetch {
  const send = async (request: Request): Promise<Response> => {
    const type = request.headers.get('content-type')
    const bounded = request.body === null || type?.includes('json')
    try {
      return bounded
        ? await fetch(new Request(request, {
            signal: AbortSignal.any([
              request.signal,
              AbortSignal.timeout(timeoutMs),
            ]),
          }))
        : await fetch(request)
    }
    catch (error) {
      throw isAbort(error)
        ? error
        : toProblem(error)
    }
  }

  return async (input, init) => {
    const request = new Request(input, init)
    const withBearer = (token: string) => {
      const copy = request.clone()
      copy.headers.set('authorization', `Bearer ${token}`)
      return copy
    }

    let response: Response
    if (request.headers.has('authorization') || sessionless.test(new URL(request.url).pathname)) {
      response = await send(request)
    }
    else {
      const token = await tokens().get()
      response = await send(token
        ? withBearer(token)
        : request.clone())
      if (response.status === 401 && token) {
        const next = await tokens().replace(token)
        if (next) response = await send(withBearer(next))
      }
      if (response.status === 403 && await asksForStepUp(response) && await tokens().stepUp?.()) {
        const again = await tokens().get()
        if (again) response = await send(withBearer(again))
      }
    }
    noteServerTime(response)
    if (!response.ok) {
      const problem = await problemFromResponse(response)
      if (problem.code === 'policy.acceptance_required') tokens().mustAgree?.()
      throw problem
    }
    return response
  }
}

let source: TokenSource = {
  get: async () => null,
  replace: async () => null,
}

/** Called once by the session store. */
export function setTokenSource(tokens: TokenSource) {
  source = tokens
}

export const apiFetch = createApiFetch({
  fetch: (input, init) => globalThis.fetch(input, init),
  tokens: () => source,
})

/** For an answer that may be long in coming. */
export const patientFetch = createApiFetch({
  fetch: (input, init) => globalThis.fetch(input, init),
  tokens: () => source,
  timeoutMs: 10 * 60_000,
})

/**
 * A JSON call without the generated client's 5 kB, its answer typed by `generated/types.gen.ts`: for what the session is made of and
 * for public pages. `path` follows `/api/v1`.
 */
export async function requestJson<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await apiFetch(new URL(`/api/v1${path}`, location.origin), {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...headers,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json' }),
    },
    body: body === undefined
      ? undefined
      : JSON.stringify(body),
  })
  return response.status === 204
    ? undefined as T
    : await response.json() as T
}

const begun = new Map<string, Promise<unknown>>()

/** Asks for what a page will need while the page is still on its way; `getBegun` takes the answer, or the failure. */
export function beginGet(path: string): void {
  const answer = requestJson('GET', path)
  answer.catch(() => {})
  begun.set(path, answer)
}

/** The answer that `beginGet` asked for, once; after that, and without it, a new one. */
export function getBegun<T>(path: string): Promise<T> {
  const answer = begun.get(path) as Promise<T> | undefined
  begun.delete(path)
  return answer ?? requestJson<T>('GET', path)
}
