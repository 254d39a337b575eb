import type { RunningServer } from './support/running-server.ts'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { seed } from '../test/soak.ts'
import { form, setUp } from './support/api-client.ts'
import { createRandom } from './support/fault-load.ts'
import { findViolations } from './support/find-violations.ts'
import { startServer } from './support/running-server.ts'

/** Clients that go away in the middle of what they say or hear, politely or by a reset. FAULT_SEED repeats a run as far as time allows, FAULT_CLIENTS makes it longer. */

const CLIENTS = Number(process.env.FAULT_CLIENTS || 600)
const AT_ONCE = 12

let server: RunningServer
afterEach(() => server?.dispose())

/** What a client would send, were it to stay. */
interface RawRequest { method: string, path: string, token?: string, type?: string, body?: Uint8Array, chunked?: boolean }

function bytesOf({ method, path, token, type, body = Buffer.of(), chunked }: RawRequest): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    ...token
      ? [`Authorization: Bearer ${token}`]
      : [],
    ...type
      ? [`Content-Type: ${type}`]
      : [],
    chunked
      ? 'Transfer-Encoding: chunked'
      : `Content-Length: ${body.length}`,
  ]
  return Buffer.concat([
    Buffer.from(`${lines.join('\r\n')}\r\n\r\n`),
    ...chunked
      ? [
          Buffer.from(`${body.length.toString(16)}\r\n`),
          body,
          Buffer.from('\r\n0\r\n\r\n'),
        ]
      : [body],
  ])
}

it(`survives ${CLIENTS} clients that break off (FAULT_SEED=${seed})`, async () => {
  server = await startServer()
  const { api, workspaceId, rootId } = await setUp(server)
  const random = createRandom(seed)
  const below = (n: number) => Math.floor(random() * n)
  const { pathname: base } = new URL(api.base)
  const workspace = `/workspaces/${workspaceId}`
  const bytes = randomBytes(3_000_000)
  const { id: fileId } = (await api.call('POST', `${workspace}/files?parentId=${rootId}&name=kept`, {
    body: form(bytes),
  })).body
  const { url } = await api.must('POST', `${workspace}/links`, {
    body: {
      itemIds: [fileId, (await api.must('POST', `${workspace}/folders`, {
        body: { parentId: rootId, name: 'folder' },
      })).id],
    },
  })
  const linkToken = url.split('/').at(-1)
  let n = 0

  async function begin() {
    const body = bytes.subarray(0, 1 + below(2_000_000))
    return { body, upload: await api.must('POST', `${workspace}/uploads`, {
      body: { parentId: rootId, name: `parts ${++n}`, size: body.length },
    }) }
  }
  const json = (path: string, body: unknown): RawRequest => ({
    method: 'POST',
    path: base + path,
    token: api.token,
    type: 'application/json',
    body: Buffer.from(JSON.stringify(body)),
  })
  const get = (path: string): RawRequest => ({ method: 'GET', path: base + path, token: api.token })

  const requests: Record<string, () => Promise<RawRequest>> = {
    form: async () => ({
      method: 'POST',
      path: `${base}${workspace}/files?parentId=${rootId}&name=form ${++n}`.replaceAll(' ', '%20'),
      token: random() < 0.1
        ? 'wrong'
        : api.token,
      type: 'multipart/form-data; boundary=b',
      body: Buffer.concat([
        Buffer.from('--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'),
        bytes.subarray(0, below(bytes.length)),
        Buffer.from('\r\n--b--\r\n'),
      ]),
      chunked: random() < 0.3,
    }),
    part: async () => {
      const { body, upload } = await begin()
      if (random() < 0.3) void api.call('DELETE', `/uploads/${upload.id}`, { token: upload.uploadToken }).catch(() => {})
      return {
        method: 'PUT',
        path: `${base}/uploads/${upload.id}/parts/1`,
        token: upload.uploadToken,
        type: 'application/octet-stream',
        body,
      }
    },
    complete: async () => {
      const { body, upload } = await begin()
      await api.must('PUT', `/uploads/${upload.id}/parts/1`, { token: upload.uploadToken, body })
      return {
        ...json(`/uploads/${upload.id}/complete`, {}),
        token: upload.uploadToken,
      }
    },
    archive: async () => {
      const { url } = await api.must('POST', `/public/links/${linkToken}/download`, { body: {} })
      const { pathname, search } = new URL(url, server.url)
      return { method: 'GET', path: pathname + search }
    },
    folder: async () => json(`${workspace}/folders`, { parentId: rootId, name: `folder ${++n}` }),
    content: async () => get(`/files/${fileId}/content`),
    events: async () => get(`${workspace}/events`),
    nothing: async () => ({
      method: 'POST',
      path: `${base}/nothing`,
      type: 'text/html',
      body: bytes,
    }),
  }

  const faults: string[] = []
  async function breakOff(name: string): Promise<void> {
    const all = bytesOf(await requests[name]!())
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    // A reset is what this is about.
    socket.on('error', () => {})
    socket.once('data', (answer: Buffer) => {
      if (/^HTTP\/1\.1 5/.test(answer.toString('latin1'))) faults.push(`${name}: ${answer.toString('latin1')}`)
      if (random() < 0.2) socket.pause()
    })
    const closed = new Promise(resolve => socket.once('close', resolve))
    socket.write(random() < 0.5
      ? all
      : all.subarray(0, below(all.length)))
    await sleep(random() < 0.3
      ? 0
      : below(250))
    if (random() < 0.6) socket.resetAndDestroy()
    else socket.destroy()
    await closed
  }

  const pid = server.pid()
  let left = CLIENTS
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await breakOff(Object.keys(requests)[below(Object.keys(requests).length)]!)
  }))
  expect(faults).toEqual([])
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  expect(server.pid()).toBe(pid)
  // Somebody going away is no fault of the server.
  expect(server.output().split('\n').filter(line => /"level":(?:50|60)/.test(line))).toEqual([])

  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: { origin: { ip: string | null } }[], nextCursor: string | null } = await api.must('GET', `${workspace}/audit?limit=100${cursor && `&cursor=${cursor}`}`)
    for (const { origin } of page.items) expect(origin.ip).toEqual(expect.stringMatching(/127\.0\.0\.1|::1/))
    cursor = page.nextCursor
  }
  await expect.poll(() => findViolations(server), { interval: 500 }).toEqual([])
})
