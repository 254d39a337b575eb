// npm run bench: ClientShare beside a bare server, in one run on one machine. `--write` keeps the table in docs/performance.md.
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { setUp } from '../acceptance/support/api-client.ts'
import { startServer } from '../acceptance/support/running-server.ts'
import { receive, send } from './transfer.ts'

const MIB = 2 ** 20
const ROUNDS = 3
const sizes = [
  { label: '1 MiB', bytes: MIB, times: 20 },
  { label: '64 MiB', bytes: 64 * MIB, times: 2 },
  { label: '1 GiB', bytes: 1024 * MIB, times: 1 },
]
const chunk = randomBytes(512 * 1024)

const scratch = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'clientshare-bench-'))
const bare = fork(fileURLToPath(new URL('./bare-server.ts', import.meta.url)), [scratch])
const [barePort] = await once(bare, 'message') as [number]
const bareUrl = `http://localhost:${barePort}`
const server = await startServer()
const { api, workspaceId, rootId } = await setUp(server)
let counter = 0

interface Row { what: string, ours: number[], theirs: number[] }
const rows: Row[] = []

/** Megabytes a second of both sides, turn by turn, so that a busy moment hurts both. */
async function compare(what: string, bytes: number, times: number, ours: () => Promise<unknown>, theirs: () => Promise<unknown>): Promise<void> {
  const row: Row = { what, ours: [], theirs: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [side, work] of [
      ['ours', ours],
      ['theirs', theirs],
    ] as const) {
      const start = performance.now()
      for (let i = 0; i < times; i++) await work()
      row[side].push(bytes * times / 1e6 / ((performance.now() - start) / 1000))
    }
  }
  rows.push(row)
  console.log(format(row))
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const span = (values: number[]) => `${Math.round(median(values))} (${Math.round(Math.min(...values))}–${Math.round(Math.max(...values))})`
const format = ({ what, ours, theirs }: Row) => `| ${what} | ${span(ours)} | ${span(theirs)} | ${(median(ours) / median(theirs)).toFixed(2)} |`

async function uploadWhole(bytes: number): Promise<string> {
  const boundary = 'clientsharebench'
  const { body } = await send(
    `${api.base}/workspaces/${workspaceId}/files?parentId=${rootId}&name=whole-${counter++}.bin`,
    {
      method: 'POST',
      headers: { 'authorization': `Bearer ${api.token}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
    },
    bytes,
    chunk,
    { before: `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\nContent-Type: application/octet-stream\r\n\r\n`, after: `\r\n--${boundary}--\r\n` },
  )
  return (JSON.parse(body) as { id: string }).id
}

async function inParallel(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1).values()
  await Promise.all(Array.from({ length: 4 }, async () => { for (const n of numbers) await work(n) }))
}

async function uploadParts(bytes: number): Promise<void> {
  const upload = await api.must('POST', `/workspaces/${workspaceId}/uploads`, {
    body: { parentId: rootId, name: `parts-${counter++}.bin`, size: bytes },
  })
  await inParallel(upload.partCount, n => send(
    `${api.base}/uploads/${upload.id}/parts/${n}`,
    {
      method: 'PUT',
      headers: { 'authorization': `Bearer ${upload.uploadToken}`, 'content-type': 'application/octet-stream' },
    },
    Math.min(upload.partSize, bytes - (n - 1) * upload.partSize),
    chunk,
  ))
  await api.must('POST', `/uploads/${upload.id}/complete`, { token: upload.uploadToken, body: {} })
}

const putBare = (bytes: number) => send(`${bareUrl}/put-${counter++ % 4}`, { method: 'PUT' }, bytes, chunk)
const PART = 16 * MIB

try {
  const head = `${cpus().length} cores, Node ${process.version}, loopback, one client; medians of ${ROUNDS} rounds in MB/s (least–most), both sides in turn.`
  console.log(`${head}\n\n| what | ClientShare | bare server | ratio |\n|---|---|---|---|`)
  for (const { label, bytes, times } of sizes) {
    let id = ''
    await compare(`upload ${label}, one request`, bytes, times, async () => { id = await uploadWhole(bytes) }, () => putBare(bytes))
    await send(`${bareUrl}/file-${bytes}`, { method: 'PUT' }, bytes, chunk)
    await compare(`download ${label}`, bytes, times, () => receive(`${api.base}/files/${id}/content`, { authorization: `Bearer ${api.token}` }), () => receive(`${bareUrl}/file-${bytes}`))
    if (bytes > PART) {
      await compare(`upload ${label} in parts, 4 at once`, bytes, times, () => uploadParts(bytes), () => inParallel(Math.ceil(bytes / PART), n => send(`${bareUrl}/part-${n % 8}`, { method: 'PUT' }, Math.min(PART, bytes - (n - 1) * PART), chunk)))
    }
  }
  if (process.argv.includes('--write')) {
    writeFileSync(fileURLToPath(new URL('../../docs/performance.md', import.meta.url)), `# Performance

Ratios measured side by side in one run; absolute numbers say little, they are those of one machine. Made by \`npm run bench -- --write\`.

The bare server is \`server/bench/bare-server.ts\`: Node's own HTTP, a file, an fsync after a PUT, nothing else. ClientShare hashes every byte
(SHA-256), checks access, writes the audit event and the rows, and flushes in the same way.

${head}

| what | ClientShare | bare server | ratio |
|---|---|---|---|
${rows.map(format).join('\n')}
`)
  }
}
finally {
  bare.kill()
  await server.dispose()
  rmSync(scratch, { recursive: true, force: true })
}
