import type { ApiClient, Fixture } from './api-client.ts'
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { form } from './api-client.ts'

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6D2B79F5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

interface OpenUpload { id: string, partSize: number, partCount: number, uploadToken: string, bytes: Buffer, acknowledged: Set<number>, flying: Map<number, { count: number, failed: boolean }>, /** A call to complete it had no answer. */ joining: boolean }

/** What the server has promised so far, and the clients that keep asking it for more. */
export interface Load {
  run: (signal: AbortSignal) => Promise<void>
  /** What may be answered besides success: 503 always, others while a fault lasts. */
  excuse: (...statuses: number[]) => void
  /** Resolves once each of these (see `counts`) has happened so many times more. */
  happened: (wanted: Record<string, number>) => Promise<void>
  /** The call that took longest since the last check. */
  longest: () => { ms: number, call: string }
  /** Asks for everything that was promised, byte for byte. @returns what is wrong, one line each */
  check: () => Promise<string[]>
  /** What was done, by kind; `refused`: answered with what is excused, `cut`: not answered at all. */
  counts: Record<string, number>
}

const LIMIT = 7
/** Ends what hangs. */
const PATIENCE_MS = 180_000

/** Clients that upload, by form and by parts, replace, delete, purge, share and download, and write down what they were told. */
export function createLoad({ api, workspaceId, rootId }: Fixture, random: () => number): Load {
  const counts: Record<string, number> = {}
  const count = (what: string) => { counts[what] = (counts[what] ?? 0) + 1 }
  /** By item id: the SHA-256 of each version that was acknowledged. */
  const files = new Map<string, Map<number, string>>()
  /** Sent without an answer: wholly there or wholly absent, by name. */
  const unsure = new Map<string, string>()
  /** Given new versions by many. */
  const shared = new Set<string>()
  /** Deleted, or maybe. */
  const gone = new Set<string>()
  const maybeGone = new Map<string, string>()
  const open: OpenUpload[] = []
  const links: { id: string, token: string, claimed: number }[] = []
  const wrong: string[] = []
  let n = 0
  let excused = [503]
  let longest = { ms: 0, call: '' }

  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
  const someBytes = () => randomBytes(Math.floor(random() * 200_000))

  /** Undefined: no answer, or one that says that the server was ending. Anything unforeseen is a finding. */
  async function call(method: string, path: string, options: Parameters<ApiClient['call']>[2], expected: readonly number[]) {
    const started = Date.now()
    try {
      const answer = await api.call(method, path, options)
      if (expected.includes(answer.status)) return answer
      // I7: a problem in plain words, and when to come again.
      if (!/^application\/problem\+json/.test(answer.headers.get('content-type') ?? '')) wrong.push(`I7: ${method} ${path.replace(/[\w-]{43}/, '…')} answered ${answer.status} without a problem`)
      if (answer.status === 503 && !answer.headers.has('retry-after')) wrong.push(`I7: ${answer.body.code} without Retry-After`)
      if (excused.includes(answer.status)) count('refused')
      else wrong.push(`${method} ${path.replace(/[\w-]{43}/, '…')} answered ${answer.status} ${JSON.stringify(answer.body)}`)
      return undefined
    }
    catch {
      count('cut')
      return undefined
    }
    finally {
      const ms = Date.now() - started
      if (ms > longest.ms) longest = { ms, call: `${method} ${path.replace(/[\w-]{36,43}/g, '…')}` }
    }
  }

  async function upload(name: string, onConflict: 'fail' | 'replace'): Promise<void> {
    const bytes = someBytes()
    const query = new URLSearchParams({ parentId: rootId, name, onConflict })
    if (onConflict === 'fail') unsure.set(name, sha256(bytes))
    const answer = await call('POST', `/workspaces/${workspaceId}/files?${query}`, {
      body: form(bytes),
    }, [201])
    if (!answer) return
    unsure.delete(name)
    if (onConflict === 'replace') shared.add(answer.body.id)
    remember(answer.body, sha256(bytes))
    count('uploaded')
  }

  function remember(item: { id: string, version: number, sha256: string | null }, digest: string): void {
    if (item.sha256 !== null && item.sha256 !== digest) wrong.push(`${item.id} was acknowledged with another SHA-256`)
    files.set(item.id, (files.get(item.id) ?? new Map<number, string>()).set(item.version, digest))
  }

  const works: Record<string, () => Promise<void>> = {
    small: () => upload(`small ${++n}`, 'fail'),
    replace: () => upload(`shared ${Math.floor(random() * 3)}`, 'replace'),

    async begin() {
      const bytes = random() < 0.1
        ? randomBytes(16 * 1024 * 1024 + 5000)
        : randomBytes(1 + Math.floor(random() * 300_000))
      const answer = await call('POST', `/workspaces/${workspaceId}/uploads`, {
        body: { parentId: rootId, name: `parts ${++n}`, size: bytes.length },
      }, [201])
      if (answer) {
        open.push({
          ...answer.body,
          bytes,
          acknowledged: new Set(),
          flying: new Map(),
          joining: false,
        })
      }
    },

    async part() {
      const upload = pick(open)
      if (!upload) return
      const part = 1 + Math.floor(random() * upload.partCount)
      const body = upload.bytes.subarray((part - 1) * upload.partSize, part * upload.partSize)
      // Sent again, it may be lost. Of sends at the same time nobody knows which one the server takes last: one that fails may have spoilt another's.
      const flight = upload.flying.get(part) ?? { count: 0, failed: false }
      upload.flying.set(part, flight)
      flight.count++
      upload.acknowledged.delete(part)
      const answer = await call('PUT', `/uploads/${upload.id}/parts/${part}`, { token: upload.uploadToken, body }, [200, 409])
      flight.count--
      flight.failed ||= answer?.status !== 200
      if (flight.count > 0) return
      upload.flying.delete(part)
      if (flight.failed) return
      upload.acknowledged.add(part)
      count('parts')
    },

    async complete() {
      const index = open.findIndex(upload => upload.acknowledged.size === upload.partCount)
      if (index < 0) return
      const [upload] = open.splice(index, 1)
      const digest = sha256(upload!.bytes)
      // 409: MinIO forgets the parts of a join whose caller was killed. The server then says which are to be sent again, or to start again.
      const answer = await call('POST', `/uploads/${upload!.id}/complete`, {
        token: upload!.uploadToken,
        body: { sha256: digest },
      }, upload!.joining
        ? [201, 409]
        : [201])
      if (!answer) {
        upload!.joining = true
        open.push(upload!)
        return
      }
      if (answer.status === 409) {
        if (answer.body.code === 'upload.closed') {
          count('started again')
          return
        }
        if (answer.body.code !== 'upload.incomplete') wrong.push(`${upload!.id}, completed again, answered ${JSON.stringify(answer.body)}`)
        for (const part of answer.body.missing ?? []) upload!.acknowledged.delete(part)
        upload!.joining = false
        open.push(upload!)
        count('sent again')
        return
      }
      remember(answer.body, digest)
      count('completed')
    },

    async abort() {
      if (open.length < 6) return
      const [upload] = open.splice(Math.floor(random() * open.length), 1)
      // 409: it became a file by a call whose answer was lost.
      await call('DELETE', `/uploads/${upload!.id}`, { token: upload!.uploadToken }, [204, 409])
      count('aborted')
    },

    async remove() {
      // Not what others give new versions at this moment.
      const id = pick([
        ...files.keys(),
      ].filter(each => !shared.has(each)))
      if (!id || files.size < 10) return
      const [digest] = files.get(id)!.values()
      files.delete(id)
      maybeGone.set(id, digest!)
      if (!await call('DELETE', `/items/${id}`, {}, [204])) return
      count('trashed')
      if (random() < 0.5) return
      if (!await call('POST', `/workspaces/${workspaceId}/trash/purge`, {
        body: {
          itemIds: [id],
        },
      }, [204])) {
        return
      }
      maybeGone.delete(id)
      gone.add(id)
      count('purged')
    },

    async share() {
      const id = pick([
        ...files.keys(),
      ])
      if (!id || links.length >= 5) return
      const answer = await call('POST', `/workspaces/${workspaceId}/links`, {
        body: {
          itemIds: [id],
          maxDownloads: LIMIT,
        },
      }, [201, 404])
      // Another client deletes it meanwhile.
      if (answer?.status === 404 && files.has(id)) wrong.push(`${id} was acknowledged and cannot be shared`)
      if (answer?.status === 201) {
        links.push({
          id: answer.body.id,
          token: answer.body.url.split('/').at(-1),
          claimed: 0,
        })
      }
    },

    async claim() {
      const link = pick(links)
      if (!link) return
      // 404: used up, or its file was deleted.
      const answer = await call('POST', `/public/links/${link.token}/download`, { body: {} }, [200, 404])
      if (answer?.status !== 200) return
      link.claimed++
      count('claimed')
    },

    async download() {
      const id = pick([
        ...files.keys(),
      ])
      if (!id) return
      const [version, digest] = pick([
        ...files.get(id)!,
      ])!
      try {
        const response = await fetch(`${api.base}/files/${id}/content?version=${version}`, {
          headers: { authorization: `Bearer ${api.token}` },
        })
        if (response.status !== 200) {
          await response.arrayBuffer()
          if (files.has(id) && !excused.includes(response.status)) wrong.push(`${id} answered ${response.status}`)
          return
        }
        // What ends without an error must be the right bytes.
        if (sha256(new Uint8Array(await response.arrayBuffer())) !== digest) wrong.push(`${id} version ${version} came with wrong bytes`)
        count('downloaded')
      }
      catch {}
    },
  }
  const weighted = Object.entries({
    small: 3,
    replace: 2,
    begin: 2,
    part: 4,
    complete: 3,
    abort: 1,
    remove: 2,
    share: 1,
    claim: 2,
    download: 3,
  }).flatMap(([name, weight]) => Array.from<string>({ length: weight }).fill(name))

  async function read(id: string, query = ''): Promise<string | number> {
    const response = await fetch(`${api.base}/files/${id}/content${query}`, {
      headers: { authorization: `Bearer ${api.token}` },
    })
    const bytes = new Uint8Array(await response.arrayBuffer())
    return response.status === 200
      ? sha256(bytes)
      : response.status
  }

  return {
    counts,
    excuse(...statuses) { excused = [503, ...statuses] },
    longest: () => longest,

    async happened(wanted) {
      const before = { ...counts }
      const missing = () => Object.entries(wanted).filter(([what, times]) => (counts[what] ?? 0) < (before[what] ?? 0) + times)
      const deadline = Date.now() + PATIENCE_MS
      while (missing().length > 0) {
        if (Date.now() > deadline) throw new Error(`Not within ${PATIENCE_MS / 1000} s: ${missing().map(([what, times]) => `${what} ${times} times`).join(', ')}; in all ${JSON.stringify(counts)}`)
        await sleep(5)
      }
    },

    async run(signal) {
      await Promise.all(Array.from({ length: 6 }, async () => {
        while (!signal.aborted) await works[pick(weighted)!]!()
      }))
    },

    async check() {
      longest = { ms: 0, call: '' }
      for (const [id, versions] of files) {
        for (const [version, digest] of versions) {
          const found = await read(id, `?version=${version}`)
          if (found !== digest) wrong.push(`I5: ${id} version ${version} was acknowledged and is ${found}`)
        }
      }
      for (const [name, digest] of unsure) {
        const { items } = await api.must('GET', `/workspaces/${workspaceId}/items?${new URLSearchParams({ parentId: rootId, q: name })}`)
        const item = items.find((each: { name: string }) => each.name === name)
        const found = item && await read(item.id)
        if (item && found !== digest) wrong.push(`I5: ${name} is there half: ${found}`)
        if (item && found === digest) {
          files.set(item.id, new Map([
            [1, digest],
          ]))
        }
      }
      unsure.clear()
      for (const [id, digest] of maybeGone) {
        const found = await read(id)
        if (found !== digest && found !== 404) wrong.push(`I5: ${id}, which may be deleted, is ${found}`)
      }
      for (const id of gone) {
        if (await read(id) !== 404) wrong.push(`I5: ${id} was deleted and is back`)
      }
      for (const upload of [...open]) {
        const { status, body } = await api.call('GET', `/uploads/${upload.id}`, { token: upload.uploadToken })
        if (status !== 200) {
          wrong.push(`I5: the upload ${upload.id} answers ${status}`)
          continue
        }
        const there = new Set(body.parts.map((part: { n: number }) => part.n))
        const lost = [...upload.acknowledged].filter(part => !there.has(part))
        if (body.state === 'open' && lost.length > 0) wrong.push(`I5: the parts ${lost.join()} of ${upload.id} were acknowledged and are gone`)
      }
      for (const link of links) {
        const { downloadCount } = await api.must('GET', `/workspaces/${workspaceId}/links/${link.id}`)
        if (downloadCount < link.claimed || downloadCount > LIMIT) wrong.push(`I3: ${link.claimed} downloads of ${link.id} were handed out, ${downloadCount} counted, ${LIMIT} allowed`)
      }
      // Enough of these: others come.
      if (links.length === 5) links.splice(0, 2)
      return wrong.splice(0)
    },
  }
}
