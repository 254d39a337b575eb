import type { Buffer } from 'node:buffer'
import type { Fixture } from '../acceptance/support/api-client.ts'
import type { RunningServer } from '../acceptance/support/running-server.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setUp } from '../acceptance/support/api-client.ts'
import { startServer } from '../acceptance/support/running-server.ts'
import { startCaddy } from '../test/caddy.ts'
import { inParallel } from './measure.ts'
import { send } from './transfer.ts'

/** ClientShare with a workspace, on one store, and the bundled way through Caddy where there is a Caddy. */
export interface Subject extends Fixture {
  server: RunningServer
  /** The same server by way of Caddy, which sends the bytes itself. */
  proxyUrl: string
  uploadWhole: (bytes: number, chunk: Buffer, folderId?: string) => Promise<string>
  uploadParts: (bytes: number, chunk: Buffer) => Promise<void>
  dispose: () => Promise<void>
}

export async function startSubject(settings: Record<string, string>): Promise<Subject> {
  const server = await startServer({
    TRUSTED_PROXIES: 'loopback',
    DOWNLOADS_BY: 'proxy',
    ...settings,
  })
  const fixture = await setUp(server)
  const { api, workspaceId, rootId } = fixture
  const caddy = await startCaddy({
    serverPort: Number(new URL(server.url).port),
    downloadsRoot: join(server.dataDir, 'storage'),
  })
  let counter = 0

  return {
    ...fixture,
    server,
    proxyUrl: `http://127.0.0.1:${caddy.port}`,

    async uploadWhole(bytes, chunk, folderId = rootId) {
      const boundary = 'clientsharebench'
      const { body } = await send(
        `${api.base}/workspaces/${workspaceId}/files?parentId=${folderId}&name=whole-${counter++}.bin`,
        {
          method: 'POST',
          headers: { 'authorization': `Bearer ${api.token}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
        },
        bytes,
        chunk,
        { before: `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\nContent-Type: application/octet-stream\r\n\r\n`, after: `\r\n--${boundary}--\r\n` },
      )
      return (JSON.parse(body) as { id: string }).id
    },

    async uploadParts(bytes, chunk) {
      const upload = await api.must('POST', `/workspaces/${workspaceId}/uploads`, {
        body: { parentId: rootId, name: `parts-${counter++}.bin`, size: bytes },
      })
      await inParallel(4, upload.partCount, n => send(
        `${api.base}/uploads/${upload.id}/parts/${n}`,
        {
          method: 'PUT',
          headers: { 'authorization': `Bearer ${upload.uploadToken}`, 'content-type': 'application/octet-stream' },
        },
        Math.min(upload.partSize, bytes - (n - 1) * upload.partSize),
        chunk,
      ))
      await api.must('POST', `/uploads/${upload.id}/complete`, { token: upload.uploadToken, body: {} })
    },

    async dispose() {
      await caddy.stop()
      await server.dispose()
    },
  }
}

/** Downloads with curl, which costs less than any client of ours, and throws the bytes away. */
export async function fetchAway(url: string, { token, times = 1, bytes }: { token?: string, times?: number, bytes: number }): Promise<void> {
  const child = spawn('curl', [
    '--silent',
    '--show-error',
    '--fail',
    ...token
      ? ['--header', `Authorization: Bearer ${token}`]
      : [],
    '--write-out',
    '%{size_download}\\n',
    ...Array.from<string[]>({ length: times }).fill(['--output', '/dev/null', url]).flat(),
  ], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const sizes = (await text(child.stdout)).trim().split('\n').map(Number)
  const [code] = await ended
  if (code !== 0 || sizes.length !== times || sizes.some(size => size !== bytes)) throw new Error(`${url.split('?')[0]} gave ${sizes.join()}`)
}
