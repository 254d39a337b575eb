import type { Fixture } from './support/api-client.ts'
import type { RunningServer } from './support/running-server.ts'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createWriteStream, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { open as openZip } from 'yauzl'
import { ApiClient, form, setUp } from './support/api-client.ts'
import { startServer } from './support/running-server.ts'
import { until } from './support/wait.ts'

/**
 * Real input: a tree of thousands of files and one of 5 GiB, a SIGKILL in the middle, everything back by link byte for byte.
 */

const MIB = 1024 ** 2
const BIG_BYTES = Number(process.env.ACCEPTANCE_BIG_BYTES || 5 * 1024 * MIB + 12_345)
const MAX_GROWTH = 150 * 1024 * 1024
const repository = fileURLToPath(new URL('../..', import.meta.url))

let server: RunningServer
let fixture: Fixture
let scratch: string

beforeAll(async () => {
  scratch = mkdtempSync(join(process.env.ACCEPTANCE_DIR ?? tmpdir(), 'clientshare-input-'))
  server = await startServer()
  fixture = await setUp(server)
})
afterAll(async () => {
  await server?.dispose()
  rmSync(scratch, { recursive: true, force: true })
})

/** A Debian documentation tree where there is one, else the installed packages: thousands of files, many names. */
function findTree(): string {
  const candidates = [
    process.env.ACCEPTANCE_TREE,
    '/usr/share/doc',
    join(repository, 'node_modules/@iconify-json'),
    join(repository, 'node_modules/typescript'),
  ]
  return candidates.find(path => path !== undefined && existsSync(path) && filesBelow(path).length > 1000) ?? join(repository, 'node_modules/@nuxt')
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name)).sort()
}

async function eachAtOnce<T>(limit: number, list: readonly T[], work: (entry: T) => Promise<void>): Promise<void> {
  const queue = list.values()
  await Promise.all(Array.from({ length: limit }, async () => { for (const entry of queue) await work(entry) }))
}

/** Deterministic bytes that do not compress and cost little: part n of the big file is block n. */
function block(n: number, size: number): Buffer {
  const seed = createHash('sha256').update(String(n)).digest()
  const bytes = Buffer.alloc(size, seed)
  bytes.writeUInt32LE(n, 0)
  return bytes
}

async function hashStream(stream: AsyncIterable<Uint8Array>): Promise<{ sha256: string, size: number }> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of stream) {
    hash.update(chunk)
    size += chunk.length
  }
  return {
    sha256: hash.digest('hex'),
    size,
  }
}

it(`brings ${Math.round(BIG_BYTES / MIB)} MiB through a SIGKILL and back by link, with memory flat (starts the server twice)`, async () => {
  const { api, workspaceId, rootId } = fixture
  const upload = await api.must('POST', `/workspaces/${workspaceId}/uploads`, {
    body: { parentId: rootId, name: 'disk image.raw', size: BIG_BYTES },
  })
  const sizeOf = (n: number) => Math.min(upload.partSize, BIG_BYTES - (n - 1) * upload.partSize)
  const numbers = Array.from({ length: upload.partCount as number }, (_, index) => index + 1)
  const idle = server.residentBytes()
  let peak = idle
  const put = async (n: number) => {
    const answer = await api.call('PUT', `/uploads/${upload.id}/parts/${n}`, {
      token: upload.uploadToken,
      body: block(n, sizeOf(n)),
    })
    if (answer.status !== 200) throw new Error(`part ${n}: ${answer.status} ${JSON.stringify(answer.body)}`)
    peak = Math.max(peak, server.residentBytes())
  }

  /** Sends all of a part but its last bytes: more than sockets hold, so the server has begun to take it. */
  const beginPart = async (n: number) => {
    const bytes = block(n, sizeOf(n))
    const sending = request(`${api.base}/uploads/${upload.id}/parts/${n}`, {
      method: 'PUT',
      headers: {
        'authorization': `Bearer ${upload.uploadToken}`,
        'content-type': 'application/octet-stream',
        'content-length': bytes.length,
      },
    })
    const ended = new Promise<void>((resolve) => {
      sending.once('error', () => resolve())
      sending.once('response', response => response.resume().once('close', resolve))
    })
    await new Promise<void>((resolve, reject) => sending.write(bytes.subarray(0, -1000), error => error
      ? reject(error)
      : resolve()))
    return { ended }
  }

  // Half of it, then the power goes while parts are under way: most of each has been taken, and its end never comes.
  const half = Math.floor(numbers.length / 2)
  await eachAtOnce(4, numbers.slice(0, half), put)
  const flying = await Promise.all(numbers.slice(half, half + 2).map(n => beginPart(n)))
  await server.kill()
  await Promise.all(flying.map(({ ended }) => ended))
  await server.restart()

  const { parts } = await api.must('GET', `/uploads/${upload.id}`, { token: upload.uploadToken })
  const there = new Set(parts.map((part: { n: number }) => part.n))
  expect([...there].sort((a, b) => (a as number) - (b as number))).toEqual(numbers.slice(0, half))
  await eachAtOnce(4, numbers.filter(n => !there.has(n)), put)
  const item = await api.must('POST', `/uploads/${upload.id}/complete`, { token: upload.uploadToken, body: {} })

  const expected = createHash('sha256')
  for (const n of numbers) expected.update(block(n, sizeOf(n)))
  const sha256 = expected.digest('hex')

  const { url } = await api.must('POST', `/workspaces/${workspaceId}/links`, {
    body: {
      itemIds: [item.id],
    },
  })
  const visitor = new ApiClient(server.url)
  const claim = await visitor.must('POST', `/public/links/${url.split('/').at(-1)}/download`, { body: {} })
  const response = await fetch(new URL(claim.url, server.url))
  const back = await hashStream(response.body!)
  peak = Math.max(peak, server.residentBytes())
  expect(back).toEqual({ sha256, size: BIG_BYTES })

  let state = item
  await until('the file is verified', async () => {
    state = await api.must('GET', `/items/${item.id}`)
    return state.integrity !== 'pending'
  }, 600_000)
  expect(state).toMatchObject({ integrity: 'verified', sha256 })
  console.log(`server memory: idle ${Math.round(idle / 2 ** 20)} MiB, peak ${Math.round(peak / 2 ** 20)} MiB`)
  expect(peak - idle).toBeLessThan(MAX_GROWTH)
}, 2_400_000)

it('brings a real tree up and back in one archive, byte for byte (some hundred files)', async () => {
  const { api, workspaceId, rootId } = fixture
  const tree = findTree()
  const files = filesBelow(tree)
  console.log(`${files.length} files of ${tree === process.env.ACCEPTANCE_TREE
    ? 'ACCEPTANCE_TREE'
    : tree.split('/').slice(-2).join('/')}`)
  expect(files.length).toBeGreaterThanOrEqual(500)

  const top = await api.must('POST', `/workspaces/${workspaceId}/folders`, {
    body: { parentId: rootId, name: 'tree' },
  })
  const folders = new Map<string, Promise<string>>([
    [
      '.',
      Promise.resolve(top.id),
    ],
  ])
  function folderOf(path: string): Promise<string> {
    const known = folders.get(path)
    if (known) return known
    const made = folderOf(path.includes('/')
      ? path.slice(0, path.lastIndexOf('/'))
      : '.').then(async (parentId) => {
      const folder = await api.must('POST', `/workspaces/${workspaceId}/folders`, {
        body: {
          parentId,
          name: path.split('/').at(-1),
        },
      })
      return folder.id as string
    })
    folders.set(path, made)
    return made
  }

  const sent = new Map<string, string>()
  const refused: string[] = []
  await eachAtOnce(8, files, async (path) => {
    const name = relative(tree, path)
    const parentId = await folderOf(name.includes('/')
      ? name.slice(0, name.lastIndexOf('/'))
      : '.')
    const bytes = await readFile(path)
    const answer = await api.call('POST', `/workspaces/${workspaceId}/files?parentId=${parentId}&name=${encodeURIComponent(name.split('/').at(-1)!)}`, {
      body: form(bytes),
    })
    if (answer.status === 201) sent.set(`tree/${portable(name)}`, createHash('sha256').update(bytes).digest('hex'))
    // Two names of one folder that differ by case only are one name here; everything else has to go up.
    else if (answer.body.code === 'item.name_taken') refused.push(name)
    else throw new Error(`${name}: ${answer.status} ${JSON.stringify(answer.body)}`)
  })
  expect(refused.length).toBeLessThan(Math.max(3, files.length / 100))

  const { url } = await api.must('POST', `/workspaces/${workspaceId}/links`, {
    body: {
      itemIds: [top.id],
      password: 'a quiet heron',
    },
  })
  const token = url.split('/').at(-1)
  const visitor = new ApiClient(server.url)
  const { grant } = await visitor.must('POST', `/public/links/${token}/unlock`, {
    body: { password: 'a quiet heron' },
  })
  const claim = await visitor.must('POST', `/public/links/${token}/download`, {
    body: {},
    headers: { 'x-link-grant': grant },
  })
  const archive = join(scratch, 'tree.zip')
  const response = await fetch(new URL(claim.url, server.url))
  await pipeline(Readable.fromWeb(response.body as never), createWriteStream(archive))
  expect(String(statSync(archive).size)).toBe(response.headers.get('content-length'))

  const back = await readArchive(archive)
  expect(back.size).toBe(sent.size)
  for (const [name, hash] of sent) expect(`${name} ${back.get(name)}`).toBe(`${name} ${hash}`)
}, 2_400_000)

/** As an archive names it: what Windows cannot save becomes `_`. */
const portable = (name: string) => name.replace(/[<>:"|?*]/g, '_')

/** Every file of a ZIP by name, as SHA-256. */
async function readArchive(path: string): Promise<Map<string, string>> {
  const hashes = new Map<string, string>()
  const zip = await openZipFile(path)
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject)
    zip.on('end', resolve)
    zip.on('entry', (entry) => {
      if (entry.fileName.endsWith('/')) {
        zip.readEntry()
        return
      }
      zip.openReadStream(entry, (error, stream) => {
        if (error) return reject(error)
        hashStream(stream).then(({ sha256 }) => {
          hashes.set(entry.fileName, sha256)
          zip.readEntry()
        }, reject)
      })
    })
    zip.readEntry()
  })
  return hashes
}

function openZipFile(path: string) {
  return new Promise<import('yauzl').ZipFile>((resolve, reject) => openZip(path, { lazyEntries: true }, (error, zip) => (error
    ? reject(error)
    : resolve(zip))))
}
