import type { MainProcess } from './main-process.ts'
import type { TestApp } from './test-app.ts'
import { randomBytes } from 'node:crypto'
import { isNotNull } from 'drizzle-orm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../src/config/config.ts'
import { openStorage } from '../src/deps.ts'
import { takeServingLock } from '../src/features/instance/serving-lock.ts'
import { findStorageHome } from '../src/features/instance/storage-home.ts'
import { storageCopies } from '../src/features/storage-move/storage-move.table.ts'
import { createFile, createWorkspace } from './factories.ts'
import { createFaultProxy } from './fault-proxy.ts'
import { startMain } from './main-process.ts'
import { s3Env } from './minio.ts'
import { newBucket, sharedMinio } from './shared-minio.ts'
import { isSoak, soakIt } from './soak.ts'
import { useTestApp } from './test-app.ts'
import { findViolations } from './violations.ts'

const FILES = isSoak
  ? 300
  : 60
/** So many requests are let through before a run that is to be killed or interrupted is held up. */
const SOME = FILES / 2

const start = (env: Record<string, string>, ...args: string[]) => startMain({ env, args })

async function finish(running: MainProcess): Promise<{ code: number | null, output: string }> {
  return {
    code: await running.ended,
    output: running.output(),
  }
}

const environmentOf = ({ config }: TestApp): Record<string, string> => ({
  DATABASE_URL: config.databaseUrl,
  DATA_DIR: config.dataDir,
  SECRET_KEY: config.secretKey,
  PORT: '0',
})
const countVerified = ({ deps }: TestApp) => deps.db.$count(storageCopies, isNotNull(storageCopies.verifiedAt))

describe('move-storage', () => {
  soakIt('tells how it is used', async () => {
    const test = await useTestApp()
    const env = environmentOf(test)
    for (const args of [
      ['--to', 's3', '--fast'],
      [],
      ['--to', 'tape'],
    ]) {
      const { code, output } = await finish(start(env, 'move-storage', ...args))
      expect(code).toBe(78)
      expect(output).toMatch(/^clientshare: .*\. Use: \S.* move-storage --to s3\|local \[--dry-run\] \[--skip-damaged\]\. More: .* move-storage --help\n$/)
    }
  })

  // Needs MINIO_BINARY: without it there is nothing to move to.
  it.skipIf(!sharedMinio)('moves to a real S3 server, beside a running server; in the soak over a kill, and back, over Ctrl-C (each run is a process)', async () => {
    const minio = sharedMinio!
    const proxy = await createFaultProxy(minio.endpoint)
    onTestFinished(() => proxy.close())
    /** Lets so many requests of this kind through and answers no more of them: whoever sends them waits. */
    const holdAfter = (count: number, kind: 'PUT' | 'GET') => {
      let left = count
      return proxy.set({ kind: 'silent' }, ({ method, url }) => method === kind && /clientshare-.*\w\/.+/.test(url) && left-- <= 0)
    }
    const test = await useTestApp()
    const local = environmentOf(test)
    const env = {
      ...local,
      ...s3Env(minio, proxy.url),
      STORAGE: 'local',
      S3_BUCKET: `clientshare-${newBucket()}`,
    }
    const s3 = await openStorage(loadConfig({ ...env, STORAGE: 's3' }))
    onTestFinished(() => s3.close())
    const workspace = await createWorkspace(test)
    for (let i = 0; i < FILES; i++) {
      await createFile(test, workspace, {
        name: `file ${i}`,
        content: randomBytes(10_000),
      })
    }
    await createFile(test, workspace, {
      name: 'large',
      content: randomBytes(40_000_000),
    })
    const serving = await takeServingLock({
      databaseUrl: local.DATABASE_URL!,
      kind: 'local',
      onError: () => {},
      onMoved: () => {},
    })

    const plan = await finish(start(env, 'move-storage', '--to', 's3', '--dry-run'))
    const size = `${((FILES * 10_000 + 40_000_000) / 1024 ** 2).toFixed(1)} MiB`
    expect([plan.code, plan.output]).toEqual([0, `To move from STORAGE=local to STORAGE=s3: ${FILES + 1} objects, ${size}.\n`])

    let verified = new Set<string>()
    const writtenAt = new Map<string, number>()
    if (isSoak) {
      await holdAfter(SOME, 'PUT')
      const killed = start(env, 'move-storage', '--to', 's3')
      // The others went to the marker, the rehearsal and the parts of the large one.
      await expect.poll(() => countVerified(test)).toBeGreaterThan(SOME / 3)
      killed.child.kill('SIGKILL')
      await killed.ended
      await proxy.set()
      verified = new Set((await test.deps.db.select().from(storageCopies)).filter(row => row.verifiedAt).map(row => row.key))
      expect(verified.size).toBeLessThan(FILES)
      for await (const { key, modifiedAt } of s3.listObjects()) writtenAt.set(key, modifiedAt.getTime())
    }

    const copied = await finish(start(env, 'move-storage', '--to', 's3'))
    expect(copied.code, copied.output).toBe(3)
    expect(copied.output).toContain(`objects, `)
    if (isSoak) expect(copied.output).toMatch(/were copied and verified by an earlier run/)
    expect(copied.output).toMatch(new RegExp(`${FILES + 1} of ${FILES + 1} objects, ${size} of ${size}, .*/s\\nEverything is copied\\. Servers are still running: stop all of them`))
    for await (const { key, modifiedAt } of s3.listObjects()) {
      if (verified.has(key)) expect(modifiedAt.getTime(), key).toBe(writtenAt.get(key))
    }
    await serving.release()
    const moved = await finish(start(env, 'move-storage', '--to', 's3'))
    expect(moved.code, moved.output).toBe(0)
    expect(moved.output).toMatch(/Moved: the bytes are in STORAGE=s3 now\. Set STORAGE=s3/)
    expect(moved.output).not.toContain(minio.secretKey)
    expect(await findViolations({ db: test.deps.db, storage: s3 }, { byHand: true })).toEqual([])

    if (!isSoak) return

    const stale = await finish(start({ ...env, LOG_LEVEL: 'silent' }, 'serve'))
    expect([stale.code, stale.output]).toEqual([
      78,
      expect.stringMatching(/^clientshare: The bytes of this deployment are in STORAGE=s3, but .*\n$/),
    ])
    const current = start({ ...env, STORAGE: 's3' }, 'serve')
    await expect.poll(current.output).toContain('Server listening')
    const refused = await finish(start(env, 'move-storage', '--to', 'local'))
    expect(refused.code, refused.output).toBe(3)
    current.child.kill('SIGTERM')
    expect(await current.ended).toBe(0)

    // Back, into an empty folder.
    const other = { ...env, DATA_DIR: `${local.DATA_DIR}/other` }
    await holdAfter(SOME, 'GET')
    const interrupted = start(other, 'move-storage', '--to', 'local')
    // The run that was refused had copied everything into the first folder; this is another one.
    await expect.poll(() => countVerified(test)).toSatisfy((count: number) => count > SOME / 3 && count <= SOME)
    interrupted.child.kill('SIGINT')
    expect(await interrupted.ended, interrupted.output()).toBe(130)
    await proxy.set()
    expect(interrupted.output()).toMatch(/Stopped\. What is verified stays so; run the same again to go on\.\n/)
    const back = await finish(start(other, 'move-storage', '--to', 'local'))
    expect(back.code, back.output).toBe(0)
    expect(await findStorageHome(test.deps.db)).toBe('local')
    const folder = await openStorage(loadConfig(other))
    onTestFinished(() => folder.close())
    expect(await findViolations({ db: test.deps.db, storage: folder }, { byHand: true })).toEqual([])
    expect((await finish(start({ ...other, LOG_LEVEL: 'silent' }, 'move-storage', '--to', 'local'))).output).toBe('The bytes are in STORAGE=local already.\n')
  })
})
