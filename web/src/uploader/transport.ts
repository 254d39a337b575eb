import type { TokenSource } from '../api/http.ts'
import type { OnConflict, UploadedItem, UploadSession } from './transfer.ts'
import { requestJson } from '../api/http.ts'
import { ProblemError, problemFromResponse } from '../api/problem.ts'

/** How the uploader talks to the server. Everything it throws is a ProblemError, or the signal's reason. */
export interface Transport {
  /** One small file in one request. */
  sendFile: (to: FilePlace, file: File, onProgress: (bytes: number) => void, signal: AbortSignal) => Promise<UploadedItem>
  createSession: (to: FilePlace, file: FileFacts) => Promise<UploadSession>
  /** What has arrived. @throws {ProblemError} 404, 401 when the server knows the upload no longer */
  getSession: (session: UploadSession) => Promise<{ state: 'open' | 'completed' | 'aborted', parts: { n: number, size: number }[] }>
  sendPart: (session: UploadSession, n: number, bytes: Blob, digest: string | null, onProgress: (bytes: number) => void, signal: AbortSignal) => Promise<void>
  complete: (session: UploadSession, sha256: string | null) => Promise<UploadedItem>
  abort: (session: UploadSession) => Promise<void>
}

export interface FilePlace {
  workspaceId: string
  parentId: string
  name: string
  onConflict: OnConflict
}

export interface FileFacts { size: number, lastModified: number, mediaType: string }

/** A line over which nothing has moved for so long is dead. */
const stallMs = 45_000

interface SendOptions {
  method: string
  url: string
  headers: Record<string, string>
  body: XMLHttpRequestBodyInit
  onProgress: (bytes: number) => void
  signal: AbortSignal
}

const networkProblem = (code: 'network.unreachable' | 'network.timeout') => new ProblemError({
  type: 'about:blank',
  title: code,
  status: 0,
  code,
  errors: [],
})

/** XMLHttpRequest, because fetch does not tell how much of a body has left. */
function send({ method, url, headers, body, onProgress, signal }: SendOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const request = new XMLHttpRequest()
    let stalled: ReturnType<typeof setTimeout>
    let timedOut = false
    const touch = () => {
      clearTimeout(stalled)
      stalled = setTimeout(() => {
        timedOut = true
        request.abort()
      }, stallMs)
    }
    const stop = () => request.abort()
    const settle = (act: () => void) => () => {
      clearTimeout(stalled)
      signal.removeEventListener('abort', stop)
      act()
    }
    request.open(method, url)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.upload.addEventListener('progress', ({ loaded }) => {
      touch()
      onProgress(loaded)
    })
    request.addEventListener('load', settle(() => {
      const { status } = request
      const answer = new Headers()
      for (const name of ['content-type', 'retry-after', 'x-request-id']) {
        const value = request.getResponseHeader(name)
        if (value !== null) answer.set(name, value)
      }
      resolve(new Response(status === 204
        ? null
        : request.responseText, { status, statusText: request.statusText, headers: answer }))
    }))
    request.addEventListener('error', settle(() => reject(networkProblem('network.unreachable'))))
    request.addEventListener('abort', settle(() => reject(timedOut
      ? networkProblem('network.timeout')
      : signal.reason)))
    signal.addEventListener('abort', stop, { once: true })
    touch()
    request.send(body)
  })
}

async function accepted(response: Response): Promise<Response> {
  if (!response.ok) throw await problemFromResponse(response)
  return response
}

/** A body, with word of how much of it has left. @throws {ProblemError}, or the signal's reason */
export const sendBytes = async (options: SendOptions): Promise<Response> => accepted(await send(options))

export function createTransport(tokens: TokenSource): Transport {
  const authorized = (session: UploadSession) => ({ authorization: `Bearer ${session.token}` })

  return {
    async sendFile({ workspaceId, ...place }, file, onProgress, signal) {
      const query = new URLSearchParams({
        ...place,
        lastModified: new Date(file.lastModified).toISOString(),
      })
      const attempt = (token: string | null) => {
        const body = new FormData()
        body.append('file', file, place.name)
        return send({
          method: 'POST',
          url: `/api/v1/workspaces/${workspaceId}/files?${query}`,
          headers: token
            ? { authorization: `Bearer ${token}` }
            : {},
          body,
          // The frame around the file counts for nothing.
          onProgress: bytes => onProgress(Math.min(bytes, file.size)),
          signal,
        })
      }
      const token = await tokens.get()
      let response = await attempt(token)
      if (response.status === 401 && token) {
        const next = await tokens.replace(token)
        if (next) response = await attempt(next)
      }
      return (await accepted(response)).json()
    },

    async createSession({ workspaceId, ...place }, { size, lastModified, mediaType }) {
      const { id, uploadToken, partSize, partCount } = await requestJson<{ id: string, uploadToken: string, partSize: number, partCount: number }>('POST', `/workspaces/${workspaceId}/uploads`, {
        ...place,
        size,
        lastModified: new Date(lastModified).toISOString(),
        ...(mediaType
          ? { mediaType }
          : {}),
      })
      return {
        id,
        token: uploadToken,
        partSize,
        partCount,
      }
    },

    getSession: session => requestJson('GET', `/uploads/${session.id}`, undefined, authorized(session)),

    async sendPart(session, n, bytes, digest, onProgress, signal) {
      await sendBytes({
        method: 'PUT',
        url: `/api/v1/uploads/${session.id}/parts/${n}`,
        headers: {
          ...authorized(session),
          'content-type': 'application/octet-stream',
          // RFC 9530
          ...(digest
            ? { 'content-digest': `sha-256=:${digest}:` }
            : {}),
        },
        body: bytes,
        onProgress,
        signal,
      })
    },

    complete: (session, sha256) => requestJson('POST', `/uploads/${session.id}/complete`, sha256
      ? { sha256 }
      : {}, authorized(session)),

    abort: session => requestJson('DELETE', `/uploads/${session.id}`, undefined, authorized(session)),
  }
}
