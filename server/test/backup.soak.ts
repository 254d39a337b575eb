import type { TestApp } from './test-app.ts'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { createDatabase } from '../src/db/database.ts'
import { listBackupIds, objectsOf } from '../src/features/backups/backup-format.ts'
import { useBackupTest } from '../src/features/backups/backups.fixture.ts'
import { formOf } from '../src/features/uploads/uploads.fixture.ts'
import { createLocalStorage } from '../src/storage/local-storage.ts'
import { createTestDatabase } from './database.ts'
import { createWorkspace, setUpInstance } from './factories.ts'
import { startMain } from './main-process.ts'
import { numbersFrom, seed } from './soak.ts'
import { useTestApp } from './test-app.ts'
import { findViolations } from './violations.ts'

const KILLS = 20
const FILES = 400

async function useFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `clientshare-${name}-`))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const environmentOf = ({ config }: TestApp, to: string): Record<string, string> => ({
  DATABASE_URL: config.databaseUrl,
  DATA_DIR: config.dataDir,
  SECRET_KEY: config.secretKey,
  PORT: '0',
  BACKUP_TO: to,
})

/** Kills the command after so much of the time that a whole run takes. @returns whether it had ended before */
async function killAt(env: Record<string, string>, command: string, afterMs: number): Promise<boolean> {
  const running = startMain({
    env,
    args: [command],
  })
  const ended = await Promise.race([
    running.ended.then(() => true),
    sleep(afterMs, false),
  ])
  running.child.kill('SIGKILL')
  await running.ended
  return ended
}

async function finish(env: Record<string, string>, command: string): Promise<number> {
  const began = performance.now()
  let running = startMain({
    env,
    args: [command],
  })
  let code = await running.ended
  // PostgreSQL has not noticed yet that the last one is gone.
  while (code === 75) {
    running = startMain({
      env,
      args: [command],
    })
    code = await running.ended
  }
  expect([
    code,
    running.output(),
  ]).toEqual([
    0,
    expect.anything(),
  ])
  return performance.now() - began
}

it('writes of 10,000 files and 10 new ones a twentieth at most of what the first backup wrote', { timeout: 1_800_000 }, async () => {
  const backup = await useBackupTest()
  for (let i = 0; i < 10_000; i++) await backup.addFile(randomBytes(20_000))
  const written = async () => {
    let bytes = 0
    for await (const { size } of backup.target.storage.listObjects()) bytes += size
    return bytes
  }
  await backup.backup()
  const first = await written()
  for (let i = 0; i < 10; i++) await backup.addFile(randomBytes(20_000))
  await backup.backup()
  const second = await written() - first
  expect(second).toBeLessThan(first / 20)
})

it(`comes through ${KILLS} kills of backup and as many of restore (seed ${seed})`, { timeout: 1_800_000 }, async () => {
  const next = numbersFrom(seed)
  const test = await useTestApp()
  await setUpInstance(test)
  await test.deps.identity.join()
  const workspace = await createWorkspace(test)
  for (let i = 0; i < FILES; i++) {
    // As people do it: the restore ends with a proof, which asks the log too.
    const { status } = await test.call('POST', `/workspaces/${workspace.id}/files?${new URLSearchParams({ parentId: workspace.rootId, name: `file ${i}` })}`, {
      token: workspace.owner.token,
      ...formOf(randomBytes(50_000)),
    })
    expect(status).toBe(201)
  }
  const duration = await finish(environmentOf(test, await useFolder('measured')), 'backup')

  const folder = await useFolder('backups')
  const source = environmentOf(test, folder)
  const killed = async (env: Record<string, string>, command: string) => {
    for (let i = 0; i < KILLS; i++) {
      if (await killAt(env, command, next() * duration)) return
    }
  }
  await killed(source, 'backup')
  const place = await createLocalStorage({ root: folder })
  for (const { hasManifest } of await listBackupIds(place)) {
    if (!hasManifest) continue
    let objects = 0
    for await (const { size } of objectsOf(place).listObjects()) {
      expect(size).toBe(50_000)
      objects++
    }
    expect(objects).toBe(FILES)
  }
  await place.close()
  await finish(source, 'backup')

  const database = await createTestDatabase({ empty: true })
  onTestFinished(() => database.drop())
  const dataDir = await useFolder('restored')
  const target = { ...source, DATABASE_URL: database.url, DATA_DIR: dataDir }
  const { db, close } = createDatabase({ url: database.url, poolSize: 2 })
  onTestFinished(() => close())
  await killed(target, 'restore')
  const proved = await db.execute<{ proved: boolean }>(`select coalesce(bool_or(proved_at is not null), false) as proved from restores`).catch(() => ({
    rows: [
      { proved: false },
    ],
  }))
  if (!proved.rows[0]!.proved) await finish(target, 'restore')
  const storage = await createLocalStorage({
    root: join(dataDir, 'storage'),
  })
  // What killed writes left unfinished, the night deletes.
  expect(await findViolations({ db, storage }, { idle: false })).toEqual([])
  await storage.close()
})
