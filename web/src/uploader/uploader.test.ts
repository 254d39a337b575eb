import type { UploadMemory } from './memory.ts'
import type { Transport } from './transport.ts'
import type { Uploader } from './uploader.ts'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { ProblemError } from '../api/problem.ts'
import { createFolderMaker } from './folder-maker.ts'
import { createFolderNames } from './folder-names.ts'
import { createUploader } from './uploader.ts'

/** A server in memory: what it has of each file, and how it is told to fail. */
function createServer() {
  const files: { name: string, parentId: string, bytes: Uint8Array, sha256: string | null }[] = []
  const sessions = new Map<string, { place: Parameters<Transport['createSession']>[0], size: number, parts: Map<number, Uint8Array>, state: 'open' | 'completed' | 'aborted' }>()
  const fail: Record<string, (ProblemError | undefined)[]> = {}
  const log: string[] = []
  const partSize = 4 * 1024 * 1024
  const problem = (status: number, code: string) => new ProblemError({
    type: '',
    title: code,
    detail: `server says ${code}`,
    status,
    code,
    errors: [],
  })
  let gate: { until: Promise<void>, after: number } | null = null
  let [sending, most] = [0, 0]

  async function step(what: string, signal?: AbortSignal) {
    log.push(what)
    const nth = log.filter(line => line.startsWith(what.split(' ')[0]!)).length
    sending++
    most = Math.max(most, sending)
    try {
      await new Promise(resolve => setTimeout(resolve))
      if (gate && nth > gate.after) {
        await new Promise<void>((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason)
          signal?.addEventListener('abort', () => reject(signal.reason))
          void gate?.until.then(resolve)
        })
      }
      signal?.throwIfAborted()
    }
    finally {
      sending--
    }
    const error = fail[what.split(' ')[0]!]?.shift()
    if (error) throw error
  }

  const transport: Transport = {
    async sendFile(place, file, onProgress, signal) {
      await step(`file ${place.name}`, signal)
      if (place.onConflict === 'fail' && files.some(({ name, parentId }) => name === place.name && parentId === place.parentId)) throw problem(409, 'item.name_taken')
      onProgress(file.size)
      files.push({
        name: place.name,
        parentId: place.parentId,
        bytes: new Uint8Array(await file.arrayBuffer()),
        sha256: null,
      })
      return { id: `i${files.length}`, name: place.name, parentId: place.parentId }
    },
    async createSession(place, { size }) {
      await step('create')
      const id = `s${sessions.size + 1}`
      sessions.set(id, {
        place,
        size,
        parts: new Map(),
        state: 'open',
      })
      return {
        id,
        token: 't',
        partSize,
        partCount: Math.ceil(size / partSize),
      }
    },
    async getSession({ id }) {
      await step('get')
      const session = sessions.get(id)
      if (!session) throw problem(404, 'upload.not_found')
      return {
        state: session.state,
        parts: [...session.parts].map(([n, bytes]) => ({ n, size: bytes.length })),
      }
    },
    async sendPart({ id }, n, bytes, _digest, onProgress, signal) {
      await step(`part ${n}`, signal)
      onProgress(bytes.size)
      sessions.get(id)!.parts.set(n, new Uint8Array(await bytes.arrayBuffer()))
    },
    async complete({ id }, sha256) {
      await step('complete')
      const session = sessions.get(id)!
      session.state = 'completed'
      const bytes = Buffer.concat([...session.parts].sort(([a], [b]) => a - b).map(([, part]) => part))
      files.push({ ...session.place, bytes, sha256 })
      return { id: 'big', name: session.place.name, parentId: session.place.parentId }
    },
    async abort({ id }) {
      sessions.delete(id)
    },
  }
  return {
    files,
    sessions,
    fail,
    log,
    transport,
    problem,
    /** From the request after so many of its kind on, nothing moves. */
    hold: (after = 0) => {
      gate = {
        until: new Promise(() => {}),
        after,
      }
    },
    letGo: () => {
      gate = null
    },
    most: () => most,
  }
}

const silent: UploadMemory = {
  list: async () => [],
  save: async () => {},
  keepSource: async () => true,
  remove: async () => {},
  forgetSources: async () => {},
}
const uploaders: Uploader[] = []

function start(server = createServer(), options: Partial<Parameters<typeof createUploader>[0]> = {}) {
  const uploader = createUploader({
    userId: 'u',
    transport: server.transport,
    hasher: {
      hashPart: async (n, _bytes, whole) => ({
        digest: 'd',
        whole: n === (whole?.through ?? 0) + 1
          ? {
              through: n,
              state: new Uint8Array(),
            }
          : whole,
      }),
      finish: async (whole, count) => whole?.through === count
        ? 'whole'
        : null,
    },
    folders: createFolderMaker({
      create: async (_, parent, name) => ({ id: `${parent}/${name}`, name, isNew: true }),
      mayClean: async () => false,
    }),
    memory: silent,
    onChange: () => {},
    wait: async () => {},
    ...options,
  })
  uploaders.push(uploader)
  return { server, uploader }
}

const target = { workspaceId: 'w', parentId: 'root' }
const treeOf = (...files: (File | [string[], File])[]) => ({
  files: files.map(entry => Array.isArray(entry)
    ? { folders: entry[0], file: entry[1] }
    : { folders: [], file: entry }),
  emptyFolders: [],
  unreadable: [],
})
const small = (name: string, text = name) => new File([text], name, { lastModified: 1 })

function large(name = 'big.bin', size = 18 * 1024 * 1024) {
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += 4096) bytes[at] = at / 4096 % 251
  return new File([bytes], name, { lastModified: 1 })
}

const states = (uploader: Uploader) => uploader.transfers.map(({ state }) => state)
const settled = (uploader: Uploader) => expect.poll(() => states(uploader).filter(state => state === 'waiting' || state === 'sending')).toEqual([])
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

afterEach(() => Promise.all(uploaders.splice(0).map(uploader => uploader.dispose())))

describe('uploader', () => {
  it('sends many small files, a few at once, into the folders they came in', async () => {
    const { server, uploader } = start()
    await uploader.add(target, treeOf(...Array.from({ length: 20 }, (_, n) => [
      ['set', `${n % 3}`],
      small(`${n}.txt`),
    ] as [string[], File]), small('empty', '')))
    await settled(uploader)
    expect(server.files).toHaveLength(21)
    expect(server.files.find(({ name }) => name === '4.txt')?.parentId).toBe('root/set/1')
    expect(server.most()).toBeLessThanOrEqual(3)
    expect(states(uploader)).not.toContain('failed')
  })

  it('makes a file the next version of another, whatever it is called', async () => {
    const { server, uploader } = start()
    await uploader.add({ ...target, versionOf: 'Plan.txt' }, treeOf(small('Plan.txt', 'first')))
    await settled(uploader)
    const [transfer] = await uploader.add({ ...target, versionOf: 'Plan.txt' }, treeOf(small('Plan, final.txt', 'second')))
    await settled(uploader)
    expect(states(uploader)).toEqual(['done', 'done'])
    expect(transfer).toMatchObject({ name: 'Plan.txt', sourceName: 'Plan, final.txt', onConflict: 'replace' })
    expect(server.files.map(({ name, bytes }) => [
      name,
      String(Buffer.from(bytes)),
    ])).toEqual([
      ['Plan.txt', 'first'],
      ['Plan.txt', 'second'],
    ])
  })

  it('sends a large file by parts, at most four at once, byte for byte, with its hash', async () => {
    const { server, uploader } = start()
    const file = large()
    await uploader.add(target, treeOf(file))
    await settled(uploader)
    expect(server.files[0]?.sha256).toBe('whole')
    expect(sha256Of(server.files[0]!.bytes)).toBe(sha256Of(new Uint8Array(await file.arrayBuffer())))
    expect(server.most()).toBeLessThanOrEqual(4)
    expect(uploader.transfers[0]).toMatchObject({
      state: 'done',
      sent: file.size,
      item: { id: 'big' },
    })
  })

  it('tries broken parts again and does not count their bytes twice', async () => {
    const { server, uploader } = start()
    server.fail.part = [
      server.problem(503, 'busy'),
      server.problem(0, 'network.unreachable'),
    ]
    await uploader.add(target, treeOf(large()))
    await settled(uploader)
    expect(uploader.transfers[0]).toMatchObject({ state: 'done', sent: 18 * 1024 * 1024 })
    expect(server.log.filter(line => line.startsWith('part'))).toHaveLength(7)
  })

  it('sends the parts again that the store has lost in the end', async () => {
    const { server, uploader } = start()
    const { complete } = server.transport
    let lost = false
    server.transport.complete = async (session, sha256) => {
      if (lost) return complete(session, sha256)
      lost = server.sessions.get(session.id)!.parts.delete(2)
      throw server.problem(409, 'upload.incomplete')
    }
    const file = large()
    await uploader.add(target, treeOf(file))
    await settled(uploader)
    expect(uploader.transfers[0]).toMatchObject({ state: 'done', sent: file.size })
    expect(server.log.filter(line => line === 'part 2')).toHaveLength(2)
    expect(server.files[0]?.sha256).toBe('whole')
    expect(sha256Of(server.files[0]!.bytes)).toBe(sha256Of(new Uint8Array(await file.arrayBuffer())))
  })

  it('keeps the server’s words when it fails for good, and goes on with the rest', async () => {
    const { server, uploader } = start()
    server.fail.file = [
      server.problem(413, 'file.too_large'),
    ]
    await uploader.add(target, treeOf(small('a'), small('b')))
    await settled(uploader)
    expect(uploader.transfers.map(({ state, problem }) => [state, problem?.detail])).toEqual([
      ['failed', 'server says file.too_large'],
      ['done', undefined],
    ])
    uploader.resume(uploader.transfers[0]!.id)
    await settled(uploader)
    expect(states(uploader)).toEqual(['done', 'done'])
  })

  it('pauses in the middle, and asks the server what it has before it goes on', async () => {
    const { server, uploader } = start()
    server.hold(2)
    await uploader.add(target, treeOf(large()))
    await expect.poll(() => server.sessions.get('s1')?.parts.size).toBe(2)
    uploader.pauseAll()
    await expect.poll(() => states(uploader)).toEqual(['paused'])
    server.letGo()
    const before = server.log.filter(line => line.startsWith('part')).length
    uploader.resumeAll()
    await settled(uploader)
    expect(server.log).toContain('get')
    expect(server.log.filter(line => line.startsWith('part')).length - before).toBe(3)
    expect(states(uploader)).toEqual(['done'])
  })

  it('stops when the network goes and goes on when it is back', async () => {
    const { server, uploader } = start()
    server.hold()
    await uploader.add(target, treeOf(small('a')))
    await expect.poll(() => server.log.length).toBe(1)
    uploader.setOnline(false)
    await expect.poll(() => states(uploader)).toEqual(['waiting'])
    server.letGo()
    uploader.setOnline(true)
    await settled(uploader)
    expect(states(uploader)).toEqual(['done'])
  })

  it('begins anew when the server has forgotten the session', async () => {
    const server = createServer()
    const file = large()
    const record = {
      id: 'r',
      userId: 'u',
      batchId: 'b',
      ...target,
      folders: [],
      name: file.name,
      size: file.size,
      lastModified: 1,
      mediaType: '',
      onConflict: 'fail' as const,
      paused: false,
      addedAt: 1,
      session: {
        id: 'old',
        token: 't',
        partSize: 4 * 1024 * 1024,
        partCount: 5,
      },
    }
    const { uploader } = start(server, {
      memory: {
        ...silent,
        list: async () => [
          { record, source: file },
        ],
      },
    })
    await uploader.restore()
    await settled(uploader)
    expect(server.log.slice(0, 2)).toEqual(['get', 'create'])
    expect(server.files).toHaveLength(1)
  })

  it('asks for a file whose bytes are gone, and takes only the same one', async () => {
    const server = createServer()
    const file = large()
    const record = {
      id: 'r',
      userId: 'u',
      batchId: 'b',
      ...target,
      folders: [],
      name: file.name,
      size: file.size,
      lastModified: 1,
      mediaType: '',
      onConflict: 'fail' as const,
      paused: false,
      addedAt: 1,
    }
    const { uploader } = start(server, {
      memory: {
        ...silent,
        list: async () => [
          { record },
        ],
      },
    })
    await uploader.restore()
    expect(states(uploader)).toEqual(['lost'])
    expect(uploader.supply([
      {
        file: small('other'),
      },
    ])).toHaveLength(1)
    expect(states(uploader)).toEqual(['lost'])
    expect(uploader.supply([
      { file },
    ])).toEqual([])
    await settled(uploader)
    expect(states(uploader)).toEqual(['done'])
  })

  it('asks once about taken names and does the same with all', async () => {
    const { server, uploader } = start()
    for (const name of ['a', 'b', 'c']) {
      server.files.push({
        name,
        parentId: 'root',
        bytes: new Uint8Array(),
        sha256: null,
      })
    }
    await uploader.add(target, treeOf(small('a'), small('b'), small('c'), small('d')))
    await settled(uploader)
    expect(states(uploader)).toEqual([
      'conflict',
      'conflict',
      'conflict',
      'done',
    ])
    uploader.answer(uploader.transfers[0]!.id, 'skip', false)
    uploader.answer(uploader.transfers[1]!.id, 'rename', true)
    await settled(uploader)
    expect(states(uploader)).toEqual(['skipped', 'done', 'done', 'done'])
  })

  it('skips what came in a folder that is left out', async () => {
    const names = createFolderNames(() => {})
    const { server, uploader } = start(undefined, {
      folders: createFolderMaker({
        create: async (_, parent, name) => {
          if (name.endsWith('.')) {
            throw new ProblemError({
              type: '',
              title: '',
              status: 400,
              code: 'item.name_invalid',
              errors: [],
            }, {
              suggestedName: name.slice(0, -1),
            })
          }
          return { id: `${parent}/${name}`, name, isNew: true }
        },
        mayClean: names.mayClean,
      }),
    })
    const adding = uploader.add(target, {
      ...treeOf([
        ['Draft.'],
        small('a.txt'),
      ], [
        ['Draft.', 'deeper'],
        small('b.txt'),
      ], small('c.txt')),
      emptyFolders: [
        ['Empty.'],
      ],
    })
    await expect.poll(() => names.open().map(({ name }) => name)).toEqual(['Draft.', 'Empty.'])
    names.answer(false)
    await adding
    await settled(uploader)
    expect(states(uploader)).toEqual(['skipped', 'skipped', 'done'])
    expect(server.files.map(({ name }) => name)).toEqual(['c.txt'])
  })

  it('cancels on the server too, and loses nothing silently', async () => {
    const { server, uploader } = start()
    server.hold()
    await uploader.add(target, treeOf(small('a')))
    expect(uploader.wouldLose()).toBe(true)
    uploader.cancelAll()
    expect(uploader.transfers).toEqual([])
    expect(uploader.wouldLose()).toBe(false)
    server.letGo()
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(server.files).toEqual([])
  })
})
