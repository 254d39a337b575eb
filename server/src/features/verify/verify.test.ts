import type { Buffer } from 'node:buffer'
import type { TestWorkspace } from '../../../test/factories.ts'
import type { Storage } from '../../storage/storage.ts'
import type { UploadsTest } from '../uploads/uploads.fixture.ts'
import type { VerifyArguments } from './verify.command.ts'
import type { VerifyDeps } from './verify.service.ts'
import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { auditOf } from '../../../test/audit-log.ts'
import { setUpInstance } from '../../../test/factories.ts'
import { fetchRaw } from '../../../test/sockets.ts'
import { BLOCK_BYTES } from '../../storage/block-sums.ts'
import { writeStoreIdentity } from '../identity/store-identity.ts'
import { fileVersions } from '../items/items.table.ts'
import { createUploadsTest } from '../uploads/uploads.fixture.ts'
import { createPace } from './pace.ts'
import { parseVerifyArguments, runVerify, verifyExit } from './verify.command.ts'
import { createVerification } from './verify.service.ts'

const DAY = 24 * 3_600_000
const never = new AbortController().signal

describe('verify', () => {
  let t: UploadsTest
  let w: TestWorkspace
  beforeEach(async () => {
    t = await createUploadsTest()
    await setUpInstance(t.test)
    w = await t.workspace()
    await t.context.identity.note()
  })
  afterEach(() => t.close())

  const upload = async (name: string, bytes: Buffer = randomBytes(10), workspace = w) => (await t.uploadFile(workspace, bytes, { name })).body.id as string
  const keyOf = async (id: string) => (await t.test.deps.db.select({ key: fileVersions.objectKey }).from(fileVersions).where(eq(fileVersions.itemId, id)))[0]!.key
  const run = (statement: string) => t.test.deps.db.execute(sql.raw(statement))
  const put = (key: string, bytes: Buffer) => t.test.deps.storage.putObject(key, Readable.from([bytes], { objectMode: false }), { size: bytes.length })
  async function replace(key: string, bytes: Buffer): Promise<void> {
    await t.test.deps.storage.deleteObject(key)
    await put(key, bytes)
  }
  const download = async (id: string) => {
    const { status, body } = await fetchRaw(t.port, `/api/v1/files/${id}/content`, {
      headers: { authorization: `Bearer ${w.owner.token}` },
    })
    return { status, body }
  }
  async function verify({ faults = {}, deps = {}, signal = never, ...given }: Partial<VerifyArguments> & { faults?: Partial<Storage>, deps?: Partial<VerifyDeps>, signal?: AbortSignal } = {}) {
    const printed: string[] = []
    const code = await runVerify(createVerification({
      ...t.test.deps,
      ...deps,
      storage: new Proxy(t.test.deps.storage, {
        get: (target, name: keyof Storage) => faults[name] ?? target[name],
      }),
    }), {
      bytes: undefined,
      bytesPerSecond: 1e12,
      clock: t.test.deps.clock,
      print: line => printed.push(line),
      output: {
        write: () => {},
        live: false,
      },
      signal,
      ...given,
    })
    return {
      code,
      found: printed.filter(line => !/^(?:ok|look|FAIL) /.test(line)),
      table: printed.filter(line => /^(?:ok|look|FAIL) /.test(line)),
    }
  }
  const proved = {
    code: verifyExit.proved,
    found: ['All of this is proved.'],
  }

  it('proves a deployment in use, with the bytes when asked', async () => {
    const first = await upload('a', randomBytes(2 * BLOCK_BYTES + 5))
    await upload('b')
    await t.uploadFile(w, randomBytes(20), { name: 'b', onConflict: 'replace' })
    await t.createUpload(w, 100)
    const link = await t.send('POST', `/workspaces/${w.id}/links`, {
      token: w.owner.token,
      body: {
        itemIds: [first],
      },
    })
    const claimed = await t.send('POST', `/public/links/${link.body.url.split('/').at(-1)}/download`, {
      body: {},
    })
    expect([link.status, claimed.status]).toEqual([201, 200])

    const quick = await verify()
    expect(quick).toMatchObject(proved)
    expect(quick.table).toEqual([
      expect.stringMatching(/^ok {4}files {5}2 files with 3 versions in 1 workspace: /),
      expect.stringMatching(/^ok {4}bytes {5}3 objects, 2\.0 MiB: /),
      expect.stringMatching(/^ok {4}hashes {4}no object read: /),
      expect.stringMatching(/^ok {4}links {5}1 link: /),
      expect.stringMatching(/^ok {4}access {4}1 workspace: /),
      expect.stringMatching(/^ok {4}logs {6}1 log with \d+ events: /),
      expect.stringMatching(/^ok {4}policies {2}0 versions of policies: /),
      expect.stringMatching(/^ok {4}identity {2}deployment [0-9a-f-]{36}: /),
    ])
    const read = async (bytes: VerifyArguments['bytes']) => {
      const { table, ...rest } = await verify({ bytes })
      expect(rest).toEqual(proved)
      return /hashes +(\d+) object/.exec(table[2]!)?.[1]
    }
    expect(await read('all')).toBe('3')
    expect(await read({ count: 2 })).toBe('2')
    expect(await read({ count: 99 })).toBe('3')
    expect(await read({ share: 0.5 })).toBe('2')
  })

  it('tells what is wrong, of everything that it proves, by name', async () => {
    const other = await t.workspace(1_000_000)
    const files: Record<string, string> = {}
    for (const name of [
      'dead',
      'unbrought',
      'small',
      'foreign',
      'elsewhere',
      'sums',
      'gone',
      'short',
      'rotten',
      'untold',
    ]) files[name] = await upload(name, randomBytes(BLOCK_BYTES + 1))
    const keys: Record<string, string> = {}
    for (const [name, id] of Object.entries(files)) keys[name] = await keyOf(id)
    const theirs = await upload('theirs', undefined, other)
    await t.createUpload(w, 100, { name: 'open' })
    const made = await t.send('POST', `/workspaces/${w.id}/links`, {
      token: w.owner.token,
      body: {
        title: 'Set',
        itemIds: [files.small],
      },
    })
    expect(made.status).toBe(201)
    const link = made.body.id as string
    expect(await verify({ bytes: 'all' })).toMatchObject(proved)

    await run(`update objects set state = 'doomed' where key = '${keys.dead}'`)
    await run(`update file_versions set number = 2, restored_from = 1 where item_id = '${files.unbrought}'`)
    await run(`update items set size_bytes = 1 where id = '${files.small}'`)
    await run(`update objects set workspace_id = '${other.id}' where key = '${keys.foreign}'`)
    await run(`update items set parent_id = '${other.rootId}' where id = '${files.elsewhere}'`)
    await run(`update object_blocks set sums = '\\x00' where object_key = '${keys.sums}'`)
    await run(`insert into objects (key, workspace_id, state, created_at, touched_at) values ('w/x/none', '${w.id}', 'committed', now(), now())`)
    await run(`update objects set reserved_bytes = 7 where key = '${keys.gone}'`)
    await run(`update uploads set object_key = null`)
    await run(`update workspaces set quota_bytes = 5, reserved_bytes = 3 where id = '${other.id}'`)
    await run(`update links set download_count = 5 where id = '${link}'`)
    await run(`insert into link_items (link_id, item_id, position) values ('${link}', '${theirs}', 2)`)
    await run(`insert into grants (id, workspace_id, folder_id, user_id, role, created_at) values ('${randomUUID()}', '${w.id}', '${other.rootId}', '${w.owner.id}', 'viewer', now())`)
    await run(`update members set role = 'admin' where workspace_id = '${other.id}'`)
    await run(`insert into audit_readers (reader, chain_id, seq) values ('unseen-activity', '${w.id}', 1)
      on conflict (reader, chain_id) do update set seq = 1`)
    await run(`insert into unseen_activity (member_id, count, seen_seq) select id, 9, 0 from members where workspace_id = '${w.id}'`)
    await run(`delete from audit_events where subject_id = '${files.untold}'`)
    await run(`insert into policies (id, kind, slug, created_at, updated_at) values ('${theirs}', 'page', 'p', now(), now())`)
    await run(`insert into policy_versions (id, policy_id, number, effective_on, published_at) values ('${theirs}', '${theirs}', 1, '2026-01-01', now())`)
    await run(`insert into policy_texts (version_id, language, title, summary, source, markdown, sha256) values ('${theirs}', 'en', 'P', '', 'x', 'x', 'y')`)
    await t.test.deps.storage.deleteObject(keys.gone!)
    await replace(keys.short!, randomBytes(5))
    await replace(keys.rotten!, randomBytes(BLOCK_BYTES + 1))
    await put(`w/${w.id}/strange`, randomBytes(3))
    t.test.clock.advance(3 * DAY)

    const { code, found, table } = await verify({ bytes: 'all' })
    expect(code).toBe(verifyExit.wrong)
    const ours = /“Workspace \d+”/.source
    const told = [
      `The file “dead”, version 1, in the workspace ${ours} has an object that is doomed, not committed\\.`,
      `The file “unbrought”, version 2, in the workspace ${ours} has the bytes of a version that is not there\\.`,
      `The file “small” in the workspace ${ours} has no version of its own with the size that it is listed with\\.`,
      `The file “foreign”, version 1, in the workspace ${ours} has bytes of another workspace\\.`,
      `“elsewhere” in the workspace ${ours} lies in a folder of another workspace or space\\.`,
      'The object w/x/none is committed, and of no file\\.',
      `The upload of “open” in the workspace ${ours} is open without an object that takes its bytes\\.`,
      `The object ${keys.gone} is committed and still reserves 7 bytes\\.`,
      `The workspace ${ours} counts 10485770 bytes used, its versions have 9437193\\.`,
      `The workspace ${ours} counts 100 bytes reserved, its uploads 107\\.`,
      `The workspace ${ours} counts 3 bytes reserved, its uploads 0\\.`,
      `The workspace ${ours} uses 10 bytes of 5\\.`,
      `The file “sums”, version 1, in the workspace ${ours} has more or fewer sums than blocks\\.`,
      `The link “Set” in the workspace ${ours} counts 5 downloads, the log has 0\\.`,
      `The link “Set” in the workspace ${ours} leads into another workspace\\.`,
      `A role in the workspace ${ours} is of “Workspace \\d+”, a folder of another workspace\\.`,
      `The workspace ${ours} has no owner\\.`,
      `The file “untold” in the workspace ${ours} has 1 versions, the log tells of 0\\.`,
      `Person \\d+ was told of 9 events in the workspace ${ours}, the log has 0\\.`,
      'The policy “P”, version 1, is not the text that was published\\.',
      `The log ${w.id} is broken at its event 10\\.`,
      `The store has w/${w.id}/strange, which no row knows\\.`,
      `The file “gone”, version 1, in the workspace ${ours} is missing in the store\\.`,
      `The file “short”, version 1, in the workspace ${ours} has 5 of its 1048577 bytes in the store\\.`,
      `The file “rotten”, version 1, in the workspace ${ours} is damaged: the stored object has other bytes than came in\\.`,
      `The file “sums”, version 1, in the workspace ${ours} is damaged: the stored object has other bytes than came in\\.`,
      'Not all is as it should be\\.',
    ]
    expect(found.filter(line => !told.some(pattern => new RegExp(`^${pattern}$`).test(line)))).toEqual([])
    expect(told.filter(pattern => !found.some(line => new RegExp(`^${pattern}$`).test(line)))).toEqual([])
    expect(table.map(line => line.slice(0, 4))).toEqual([
      ...Array.from({ length: 7 }).fill('FAIL'),
      'ok  ',
    ])

    // What another deployment's store lacks says nothing of this one's files: none is looked at, let alone marked.
    await writeStoreIdentity(t.test.deps.storage, {
      deployment: randomUUID(),
      usedAt: new Date(),
    })
    await run(`update file_versions set integrity = 'verified'`)
    const foreign = await verify({ bytes: 'all' })
    expect([foreign.code, foreign.found]).toEqual([
      verifyExit.wrong,
      expect.arrayContaining(['The store belongs to another deployment than the database.']),
    ])
    expect(foreign.table[7]!.slice(0, 4)).toBe('FAIL')
    expect(await t.test.deps.db.$count(fileVersions, eq(fileVersions.integrity, 'failed'))).toBe(0)
  })

  it('marks nothing once the bytes have moved to another driver', async () => {
    await t.test.deps.storage.deleteObject(await keyOf(await upload('gone')))
    await run(`update instance set storage = '${t.test.deps.storage.kind === 's3'
      ? 'local'
      : 's3'}'`)
    await expect(verify({ bytes: 'all' })).rejects.toThrow('the bytes were moved to another driver')
    expect(await t.test.deps.db.$count(fileVersions, eq(fileVersions.integrity, 'failed'))).toBe(0)
  })

  it('names twenty of a kind, and says how many more there are', async () => {
    for (let n = 0; n < 23; n++) await t.test.deps.storage.deleteObject(await keyOf(await upload(`${n}`)))
    const { code, found, table } = await verify({ bytes: 'all' })
    expect(code).toBe(verifyExit.wrong)
    expect(found.filter(line => /is missing in the store/.test(line))).toHaveLength(20)
    expect(found).toContain('And 3 more of this kind.')
    expect(table[1]).toMatch(/^FAIL {2}bytes {5}23 wrong/)
    // So much is gone that it may be the store which is another one: nothing is given up.
    expect(await t.test.deps.db.$count(fileVersions, eq(fileVersions.integrity, 'failed'))).toBe(0)
  })

  it('sees nothing wrong in what comes and goes while it looks', async () => {
    const before = await upload('before')
    const going = await upload('going')
    const goingKey = await keyOf(going)
    let changed = 0
    const { storage } = t.test.deps
    const change = async () => {
      await upload(`came ${++changed}`)
      await run(`update objects set state = 'doomed' where key = '${goingKey}'`)
      await run(`with gone as (delete from file_versions where item_id = '${going}' returning size_bytes), item as (delete from items where id = '${going}')
        update workspaces set used_bytes = used_bytes - size_bytes from gone where id = '${w.id}'`)
      await t.context.objects.remove(goingKey)
    }
    const found = await verify({
      bytes: 'all',
      faults: {
        async* listObjects(options) {
          const listed: { key: string, size: number, modifiedAt: Date }[] = []
          for await (const entry of storage.listObjects(options)) listed.push(entry)
          expect(listed.map(({ key }) => key)).toContain(goingKey)
          await change()
          yield* listed
        },
      },
    })
    expect(changed).toBe(1)
    expect(found).toMatchObject(proved)
    expect((await download(before)).status).toBe(200)
  })

  it('leaves to the night what is young, noted or the server’s own', async () => {
    await upload('a')
    for (const key of [`w/${w.id}/left`, 'probe-1']) await put(key, randomBytes(3))
    expect(await verify()).toMatchObject(proved)
    t.test.clock.advance(3 * DAY)
    expect((await verify()).found).toEqual([`The store has w/${w.id}/left, which no row knows.`, 'Not all is as it should be.'])
    await run(`insert into orphans (key, found_at) values ('w/${w.id}/left', now())`)
    expect(await verify()).toMatchObject(proved)
  })

  it('marks what is damaged, and takes it back once the bytes are there again', async () => {
    const bytes = randomBytes(BLOCK_BYTES + 5)
    const [rotten, lost, good] = [await upload('rotten', bytes), await upload('lost', bytes), await upload('good', bytes)]
    const [rottenKey, lostKey] = [await keyOf(rotten), await keyOf(lost)]
    await replace(rottenKey, randomBytes(bytes.length))
    await t.test.deps.storage.deleteObject(lostKey)
    const first = await verify({ bytes: 'all' })
    expect(first.code).toBe(verifyExit.wrong)
    expect(first.found.map(line => /“(\w+)”.*?(missing|damaged)/.exec(line)?.slice(1))).toEqual([
      ['lost', 'missing'],
      ['rotten', 'damaged'],
      undefined,
    ])
    expect([(await download(rotten)).status, (await download(lost)).status, (await download(good)).status]).toEqual([409, 409, 200])

    // Known, and no news any more; nor is it healed while other bytes are there.
    await put(lostKey, randomBytes(bytes.length))
    const second = await verify({ bytes: 'all' })
    expect(second).toMatchObject(proved)
    expect(second.table[2]).toMatch(/^look {2}hashes .*2 versions known to be damaged/)

    for (const key of [rottenKey, lostKey]) await replace(key, bytes)
    const third = await verify({ bytes: 'all' })
    expect(third.code).toBe(verifyExit.proved)
    expect(third.found.filter(line => /is right again/.test(line)).map(line => /“(\w+)”/.exec(line)![1]).sort()).toEqual(['lost', 'rotten'])
    expect(third.table[2]).toMatch(/^ok /)
    for (const id of [rotten, lost]) expect(await download(id)).toEqual({ status: 200, body: bytes })
    expect((await auditOf(t.test, w.id, 'file.integrity')).map(({ action, subject, details }) => [action, subject.name, details.version])).toEqual([
      ['file.integrity_failed', 'rotten', 1],
      ['file.integrity_failed', 'lost', 1],
      [
        'file.integrity_restored',
        expect.any(String),
        1,
      ],
      [
        'file.integrity_restored',
        expect.any(String),
        1,
      ],
    ])
    expect(await t.violations()).toEqual([])
  })

  it('does not take back what never was right', async () => {
    const bytes = randomBytes(100)
    const id = await upload('announced otherwise', bytes)
    await run(`update file_versions set integrity = 'failed', sha256 = null where item_id = '${id}'`)
    const { found, table } = await verify({ bytes: 'all' })
    expect(found).toEqual(proved.found)
    expect(table[2]).toMatch(/^look .*1 version known to be damaged/)
    expect((await download(id)).status).toBe(409)
  })

  it('stops when told, and goes on where it was', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await upload(name)
    t.test.clock.advance(1000)
    const stop = new AbortController()
    const { storage } = t.test.deps
    const read: string[] = []
    const getObject: Storage['getObject'] = (key, options) => {
      if (key.startsWith('w/')) read.push(key)
      if (read.length === 3) stop.abort(new Error('SIGINT'))
      return storage.getObject(key, options)
    }
    const stopped = await verify({
      bytes: 'all',
      signal: stop.signal,
      faults: { getObject },
    })
    expect(stopped.code).toBe(verifyExit.interrupted)
    const [, since] = /clientshare verify --deep --since (\S+)$/.exec(stopped.found.at(-1)!)!
    const done = read.slice(0, 2)
    read.length = 0
    t.test.clock.advance(1000)
    const rest = await verify({
      ...parseVerifyArguments(['--deep', '--since', since!]),
      faults: { getObject },
    })
    expect(rest).toMatchObject(proved)
    expect(read).toHaveLength(2)
    expect(read.filter(key => done.includes(key))).toEqual([])
  })
})

describe('the arguments of verify', () => {
  it.each<[string[], Partial<VerifyArguments>]>([
    [
      [],
      { bytes: undefined, bytesPerSecond: 50 * 1024 ** 2 },
    ],
    [
      ['--deep'],
      { bytes: 'all' },
    ],
    [
      ['--sample', '5%', '--rate', '0.5'],
      {
        bytes: { share: 0.05 },
        bytesPerSecond: 1024 ** 2 / 2,
      },
    ],
    [
      ['--sample', '200'],
      {
        bytes: { count: 200 },
      },
    ],
    [
      ['--deep', '--since', '2026-01-31T08:00:00Z'],
      {
        bytes: {
          since: new Date('2026-01-31T08:00:00Z'),
        },
      },
    ],
  ])('are understood: %j', (args, expected) => {
    expect(parseVerifyArguments(args)).toMatchObject(expected)
  })

  it.each([
    [
      ['--deep', '--sample', '5%'],
    ],
    [
      ['--since', '2026-01-31T08:00:00Z'],
    ],
    [
      ['--deep', '--since', 'yesterday'],
    ],
    [
      ['--deep', '--since', '2026-13-31T08:00:00Z'],
    ],
    [
      ['--sample', '0'],
    ],
    [
      ['--sample', '101%'],
    ],
    [
      ['--sample', '1.5'],
    ],
    [
      ['--sample', 'some'],
    ],
    [
      ['--rate', '0'],
    ],
    [
      ['--rate', 'fast'],
    ],
    [
      ['--now'],
    ],
  ])('are refused: %j', (args) => {
    expect(() => parseVerifyArguments(args)).toThrow(expect.objectContaining({ exitCode: 78 }))
  })
})

describe('the pace', () => {
  it('is kept on average, without making up for a pause', async () => {
    let now = 0
    const waited: number[] = []
    const pace = createPace({
      bytesPerSecond: 1000,
      signal: never,
      now: () => now,
      async wait(ms) {
        waited.push(ms)
        now += ms
      },
    })
    for (let n = 0; n < 10; n++) await pace(10) // each worth 10 ms: too little to wait for alone
    expect(now).toBe(100)
    expect(waited).toEqual([
      20,
      20,
      20,
      20,
      20,
    ])
    now += 60_000
    await pace(1000)
    expect(waited.at(-1)).toBe(900)
  })
})
