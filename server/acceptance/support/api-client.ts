import type { RunningServer } from './running-server.ts'

export interface Answer<T = any> { status: number, headers: Headers, body: T }
export interface CallOptions { token?: string, body?: unknown, headers?: Record<string, string> }

/** Speaks HTTP and nothing else. */
export class ApiClient {
  readonly base: string
  token: string | undefined
  private readonly cookies = new Map<string, string>()

  constructor(url: string) {
    this.base = `${url}/api/v1`
  }

  async call(method: string, path: string, { token = this.token, body, headers = {} }: CallOptions = {}): Promise<Answer> {
    const raw = body instanceof Uint8Array || body instanceof FormData
    const response = await fetch(`${this.base}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token
          ? { authorization: `Bearer ${token}` }
          : {}),
        ...(this.cookies.size > 0
          ? {
              cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
            }
          : {}),
        ...(body === undefined || raw
          ? {}
          : { 'content-type': 'application/json' }),
        ...(body instanceof Uint8Array
          ? { 'content-type': 'application/octet-stream' }
          : {}),
        ...headers,
      },
      body: body === undefined
        ? undefined
        : raw
          ? body as Uint8Array<ArrayBuffer> | FormData
          : JSON.stringify(body),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(cookie)) this.cookies.delete(name!)
      else this.cookies.set(name!, value!)
    }
    const text = method === 'HEAD'
      ? ''
      : await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: /json/.test(response.headers.get('content-type') ?? '') && text !== ''
        ? JSON.parse(text)
        : text,
    }
  }

  /** Like `call`, but anything outside 2xx is a failure of the test. */
  async must(method: string, path: string, options?: CallOptions): Promise<any> {
    const answer = await this.call(method, path, options)
    if (answer.status < 200 || answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
}

export interface Fixture { api: ApiClient, workspaceId: string, rootId: string }

export const operator = { name: 'Olga Operator', email: 'operator@example.com', password: 'wombat-lantern-orbit-77' }

/** From nothing to an operator with a workspace. */
export async function setUp(server: RunningServer): Promise<Fixture> {
  const api = new ApiClient(server.url)
  const { accessToken } = await api.must('POST', '/setup', {
    body: {
      token: server.setupToken,
      ...operator,
      instanceName: 'Acceptance',
    },
  })
  api.token = accessToken
  const { id: workspaceId } = await api.must('POST', '/workspaces', {
    body: { name: 'Acme', slug: 'acme' },
  })
  const { items: [space] } = await api.must('GET', `/workspaces/${workspaceId}/spaces`)
  return { api, workspaceId, rootId: space.rootFolderId }
}

export const form = (bytes: Uint8Array | string, name = 'file') => {
  const data = new FormData()
  data.append('file', new Blob([bytes as string | Uint8Array<ArrayBuffer>]), name)
  return data
}
