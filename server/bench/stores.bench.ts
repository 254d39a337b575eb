import type { S3Store } from '../acceptance/support/s3-store.ts'
import type { Row } from './measure.ts'
import type { Subject } from './subject.ts'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'minio'
import { findFreePort } from '../../scripts/lib/free-port.ts'
import { caddyBinary } from '../test/caddy.ts'
import { compare, inParallel, MIB } from './measure.ts'
import { fetchAway } from './subject.ts'
import { send } from './transfer.ts'

const BUCKET = 'bench'
const PART = 16 * MIB
const chunk = randomBytes(512 * 1024)
const sizes = [
  { label: '1 MiB', bytes: MIB, times: 20 },
  { label: '64 MiB', bytes: 64 * MIB, times: 3 },
  { label: '1 GiB', bytes: 1024 * MIB, times: 1 },
]

/** One file by Node, by the bundled Caddy, and by `straight`: whoever else could send it. */
async function benchDownloads(subject: Subject, straightName: string, straight: (bytes: number) => Promise<string>): Promise<Row[]> {
  const { api, server, proxyUrl, uploadWhole } = subject
  const rows: Row[] = []
  for (const { label, bytes, times } of sizes) {
    const path = `/api/v1/files/${await uploadWhole(bytes, chunk)}/content`
    const url = await straight(bytes)
    rows.push(await compare(`download ${label}`, bytes * times / 1e6, 'MB/s', [
      {
        name: 'by Node',
        work: () => fetchAway(`${server.url}${path}`, { token: api.token, times, bytes }),
      },
      {
        name: 'behind Caddy',
        work: () => fetchAway(`${proxyUrl}${path}`, { token: api.token, times, bytes }),
      },
      {
        name: straightName,
        work: () => fetchAway(url, { times, bytes }),
      },
    ]))
  }
  return rows
}

/** The local folder beside Caddy's own file server. */
export async function benchFolder(subject: Subject, folder: string): Promise<Row[]> {
  const root = join(folder, 'files')
  mkdirSync(root)
  const port = await findFreePort()
  const caddy = spawn(caddyBinary!, [
    'file-server',
    '--listen',
    `127.0.0.1:${port}`,
    '--root',
    root,
  ], {
    env: { HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: 'ignore',
  })
  try {
    await answering(`http://127.0.0.1:${port}/`)
    return await benchDownloads(subject, 'Caddy’s file server', async (bytes) => {
      for (let left = bytes, flag = 'w'; left > 0; left -= chunk.length, flag = 'a') writeFileSync(join(root, `${bytes}`), chunk.subarray(0, left), { flag })
      return `http://127.0.0.1:${port}/${bytes}`
    })
  }
  finally {
    const ended = once(caddy, 'exit')
    caddy.kill()
    await ended
    rmSync(root, { recursive: true })
  }
}

/** MinIO beside itself: presigned addresses, no ClientShare on the way. */
export async function benchMinio(subject: Subject, { minio }: S3Store): Promise<{ downloads: Row[], uploads: Row[] }> {
  const client = new Client({
    endPoint: '127.0.0.1',
    port: minio.port,
    useSSL: false,
    accessKey: minio.accessKey,
    secretKey: minio.secretKey,
  })
  await client.makeBucket(BUCKET)
  let counter = 0
  const put = async (bytes: number, key: string) => send(await client.presignedPutObject(BUCKET, key), { method: 'PUT' }, bytes, chunk)
  async function putParts(bytes: number): Promise<void> {
    const key = `parts-${counter++}`
    const uploadId = await client.initiateNewMultipartUpload(BUCKET, key, {})
    await inParallel(4, Math.ceil(bytes / PART), async (n) => {
      const url = await client.presignedUrl('PUT', BUCKET, key, 3600, {
        uploadId,
        partNumber: String(n),
      })
      await send(url, { method: 'PUT' }, Math.min(PART, bytes - (n - 1) * PART), chunk)
    })
    const parts: { part: number, etag: string }[] = []
    for await (const { part, etag } of listParts(client, key, uploadId)) parts.push({ part, etag })
    await client.completeMultipartUpload(BUCKET, key, uploadId, parts)
  }

  const downloads = await benchDownloads(subject, 'straight from MinIO', async (bytes) => {
    await put(bytes, `file-${bytes}`)
    return client.presignedGetObject(BUCKET, `file-${bytes}`)
  })
  const uploads: Row[] = []
  for (const { label, bytes, times } of sizes.slice(1)) {
    const repeat = (work: () => Promise<unknown>) => async () => { for (let i = 0; i < times; i++) await work() }
    uploads.push(await compare(`upload ${label} in parts, 4 at once`, bytes * times / 1e6, 'MB/s', [
      {
        name: 'ClientShare',
        work: repeat(() => subject.uploadParts(bytes, chunk)),
      },
      {
        name: 'straight to MinIO',
        work: repeat(() => putParts(bytes)),
      },
    ]))
  }
  for (const count of [100, 1000, 10_000]) {
    uploads.push(await compare(`upload ${count} files of 10 kB, 16 at once`, count, 'files/s', [
      {
        name: 'ClientShare',
        work: () => inParallel(16, count, () => subject.uploadWhole(10_000, chunk)),
      },
      {
        name: 'straight to MinIO',
        work: () => inParallel(16, count, () => put(10_000, `small-${counter++}`)),
      },
    ], count > 1000
      ? 1
      : 3))
  }
  return { downloads, uploads }
}

async function* listParts(client: Client, key: string, uploadId: string): AsyncGenerator<{ part: number, etag: string }> {
  // The one call of the client that is not public and not hard to replace: it reads all pages.
  yield* await (client as unknown as { listParts: (bucket: string, key: string, uploadId: string) => Promise<{ part: number, etag: string }[]> }).listParts(BUCKET, key, uploadId)
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      await fetch(url)
      return
    }
    catch {
      await sleep(50)
    }
  }
  throw new Error(`${url} does not answer`)
}
