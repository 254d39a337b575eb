import type { TestWorkspace } from './factories.ts'
import type { TestApp } from './test-app.ts'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { fileVersions } from '../src/features/items/items.table.ts'
import { formOf } from '../src/features/uploads/uploads.fixture.ts'
import { createWorkspace, setUpInstance } from './factories.ts'
import { fakeTime } from './faketime.ts'
import { startMain } from './main-process.ts'
import { s3Env } from './minio.ts'
import { mountForTest, mountNote, mountProblem, remount } from './mounts.ts'
import { newBucket, sharedMinio } from './shared-minio.ts'
import { useTestApp } from './test-app.ts'

interface Deployment {
  test: TestApp
  workspace: TestWorkspace
  upload: (name: string) => Promise<{ status: number, body: any }>
  download: (id: string) => Promise<number>
  /** A command as a process of its own. */
  run: (args: string[], changed?: Record<string, string>) => Promise<{ code: number | null, output: string }>
  /** A server as a process of its own; it takes requests. */
  serve: (changed?: Record<string, string>) => Promise<ReturnType<typeof startMain>>
}

async function useDeployment(store: Record<string, string>): Promise<Deployment> {
  const test = await useTestApp({ env: store })
  await setUpInstance(test)
  await test.deps.identity.note()
  const workspace = await createWorkspace(test)
  const { config } = test
  const env = (changed: Record<string, string> = {}) => ({
    STORAGE: 'local',
    DATABASE_URL: config.databaseUrl,
    DATA_DIR: config.dataDir,
    SECRET_KEY: config.secretKey,
    PORT: '0',
    ...store,
    ...changed,
  })
  return {
    test,
    workspace,
    async upload(name) {
      const { body, headers } = formOf(randomBytes(1000))
      return test.call('POST', `/workspaces/${workspace.id}/files?${new URLSearchParams({ parentId: workspace.rootId, name })}`, {
        token: workspace.owner.token,
        body,
        headers,
      })
    },
    download: async id => (await test.call('GET', `/files/${id}/content`, { token: workspace.owner.token })).status,
    async run(args, changed) {
      const running = startMain({
        env: env(changed),
        args,
      })
      return {
        code: await running.ended,
        output: running.output(),
      }
    },
    async serve(changed) {
      const server = startMain({
        env: env(changed),
        ipc: true,
      })
      await Promise.race([
        once(server.child, 'message'),
        server.ended.then(() => { throw new Error(server.output()) }),
      ])
      return server
    },
  }
}

/** With MINIO_BINARY a bucket. */
const store = (): Record<string, string> => sharedMinio
  ? {
      ...s3Env(sharedMinio, sharedMinio.endpoint),
      STORAGE: 's3',
      S3_BUCKET: newBucket(),
    }
  : { STORAGE: 'local' }

describe('a deployment', () => {
  it('is proved by `verify` beside its server, which names what is damaged, and says the same of an emptied store as server and doctor do (each a process)', async () => {
    const { test, upload, download, run, serve } = await useDeployment(store())
    const { db, storage } = test.deps
    const ids: string[] = []
    for (const name of ['a.txt', 'b.txt', 'c.txt']) {
      const { status, body } = await upload(name)
      expect(status).toBe(201)
      ids.push(body.id)
    }
    const server = await serve()
    const well = await run(['verify', '--sample', '50%'])
    expect([well.output, well.code]).toEqual([
      expect.stringMatching(/ok {4}files {5}3 files [\s\S]*ok {4}hashes {4}2 objects, .*\n[\s\S]*ok {4}identity {2}deployment .*\nAll of this is proved\.\n/),
      0,
    ])

    const [{ key }] = (await db.select({ key: fileVersions.objectKey }).from(fileVersions).where(eq(fileVersions.itemId, ids[0]!))) as [{ key: string }]
    await storage.deleteObject(key)
    await storage.putObject(key, Readable.from([
      randomBytes(1000),
    ], { objectMode: false }), { size: 1000 })
    const damaged = await run(['verify', '--deep', '--rate', '10'])
    expect([damaged.output, damaged.code]).toEqual([
      expect.stringMatching(/The file “a\.txt”, version 1, in the workspace “Workspace \d+” is damaged: [\s\S]*FAIL {2}hashes {4}1 wrong, as told above\.\n[\s\S]*Not all is as it should be\.\n/),
      1,
    ])
    expect([await download(ids[0]!), await download(ids[1]!)]).toEqual([409, 200])
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)

    for await (const { key } of storage.listObjects()) await storage.deleteObject(key)
    const lost = 'The store is empty, or lacks most of the files that the database has known longest'
    const emptied = await run(['verify'])
    expect([emptied.output, emptied.code]).toEqual([
      expect.stringMatching(/The file “b\.txt”, version 1, .* is missing in the store\.\n[\s\S]*FAIL {2}bytes {5}2 wrong/),
      1,
    ])
    expect(emptied.output).toContain(lost)
    const refused = await run(['serve'])
    expect([refused.output, refused.code]).toEqual([
      expect.stringContaining(lost),
      78,
    ])
    const examined = await run(['doctor'])
    expect([examined.output, examined.code]).toEqual([
      expect.stringContaining(`FAIL  store     ${lost}`),
      1,
    ])
  })
})

describe.skipIf(mountProblem)(`a store that can only be read${mountNote}`, () => {
  it('gives what it has, takes nothing, and is told by server, `verify` and doctor (each a process)', async () => {
    const dataDir = mountForTest('size=100m')
    const { upload, download, run } = await useDeployment({ STORAGE: 'local', DATA_DIR: dataDir })
    const { body: { id } } = await upload('a.txt')
    remount(dataDir, 'ro')
    const refused = await upload('b.txt')
    expect([refused.status, refused.body.code]).toEqual([503, 'service.unavailable'])
    expect(await download(id)).toBe(200)

    const why = `the storage folder ${dataDir}/storage is on a read-only file system`
    for (const command of ['serve', 'verify']) {
      const { code, output } = await run([command])
      expect([
        command,
        code,
        output.trim().split('\n').at(-1),
      ]).toEqual([command, 1, `clientshare: ${why}`])
    }
    const examined = await run(['doctor'])
    expect([examined.output, examined.code]).toEqual([
      expect.stringContaining(`FAIL  store     ${why}`),
      1,
    ])
    remount(dataDir, 'rw')
    expect((await run(['verify', '--deep'])).code).toBe(0)
  })
})

const at = fakeTime()
describe.skipIf(!at)('a machine whose clock is a day ahead of the database’s', () => {
  it('serves and proves, and both server and doctor say so (each a process)', async () => {
    const { upload, run, serve } = await useDeployment({ STORAGE: 'local' })
    expect((await upload('a.txt')).status).toBe(201)
    const words = 'The clock of this machine is 24 hours ahead of the database’s'
    const tomorrow = at!('+1d')
    const server = await serve(tomorrow)
    expect(server.output()).toContain(words)
    const examined = await run(['doctor'], tomorrow)
    expect(examined.output).toContain(`look  database  ${words}`)
    const proved = await run(['verify', '--deep'], tomorrow)
    expect([proved.output, proved.code]).toEqual([
      expect.stringMatching(/ok {4}hashes {4}1 object, [\s\S]*All of this is proved\.\n/),
      0,
    ])
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
  })
})
