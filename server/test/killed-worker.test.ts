import type { MainProcess } from './main-process.ts'
import { once } from 'node:events'
import process from 'node:process'
import { eq, sql } from 'drizzle-orm'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { findFreePort } from '../../scripts/lib/free-port.ts'
import { fileVersions } from '../src/features/items/items.table.ts'
import { sweepJob } from '../src/features/objects/objects.jobs.ts'
import { verifyFileJob } from '../src/features/objects/objects.verify.ts'
import { uploads } from '../src/features/uploads/uploads.table.ts'
import { createFile, createWorkspace } from './factories.ts'
import { startMain } from './main-process.ts'
import { useTestApp } from './test-app.ts'

const PATIENCE = { timeout: 120_000, interval: 100 }

it('what killed workers held is taken up by another (heartbeats take 15 s)', async () => {
  const test = await useTestApp({
    env: { STORAGE: 'local' },
  })
  const { db, jobs } = test.deps
  const w = await createWorkspace(test)
  const file = await createFile(test, w, { name: 'film.mp4', content: 'what a client sent', integrity: 'pending' })
  const longAgo = new Date(test.deps.clock().getTime() - 86_400_000)
  const uploadId = test.deps.newId()
  await db.insert(uploads).values({
    id: uploadId,
    workspaceId: w.id,
    name: 'given up',
    onConflict: 'fail',
    sizeBytes: 1,
    partSizeBytes: 1,
    tokenHash: Buffer.from('x'),
    state: 'aborted',
    createdBy: w.owner.id,
    createdAt: longAgo,
    expiresAt: longAgo,
  })

  const workers = new Map<string, MainProcess>()
  for (const name of ['worker-a', 'worker-b', 'worker-c']) {
    const url = new URL(test.config.databaseUrl)
    url.searchParams.set('application_name', name)
    workers.set(name, startMain({
      ipc: true,
      env: {
        PORT: String(await findFreePort()),
        DATA_DIR: test.config.dataDir,
        DATABASE_URL: url.href,
        STORAGE: 'local',
        SECRET_KEY: test.config.secretKey,
        PROCESS_MODE: 'worker',
        LOG_LEVEL: 'error',
      },
    }))
  }
  await Promise.all([
    ...workers.values(),
  ].map(({ child, ended, output }) => Promise.race([
    once(child, 'message'),
    ended.then(() => { throw new Error(output()) }),
  ])))

  // Both jobs stand where they would do their work, for as long as this holds the rows.
  const holder = new pg.Client(test.config.databaseUrl)
  await holder.connect()
  onTestFinished(() => holder.end())
  await holder.query('begin')
  await holder.query('select from file_versions where object_key = $1 for update', [file.objectKey])
  await holder.query('select from uploads where id = $1 for update', [uploadId])
  await jobs.send(db, verifyFileJob, {
    objectKey: file.objectKey,
    uploadId: test.deps.newId(),
  })
  await jobs.send(db, sweepJob, {})
  const waiting = async () => (await db.execute<{ name: string }>(sql`
    select application_name as name from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and application_name like 'worker-%'`)).rows
  await expect.poll(waiting, PATIENCE).toHaveLength(2)
  const active = async () => (await db.execute(sql`
    select name, retry_count from pgboss.job where state = 'active' and name in (${verifyFileJob.name}, ${sweepJob.name}) order by name`)).rows
  expect(await active()).toEqual([
    { name: verifyFileJob.name, retry_count: 0 },
    { name: sweepJob.name, retry_count: 0 },
  ])

  const killed = new Set((await waiting()).map(({ name }) => name))
  for (const name of killed) workers.get(name)!.child.kill('SIGKILL')
  await Promise.all([...killed].map(name => workers.get(name)!.ended))
  const since = performance.now()
  await expect.poll(active, PATIENCE).toEqual([
    { name: verifyFileJob.name, retry_count: 1 },
    { name: sweepJob.name, retry_count: 1 },
  ])
  process.stdout.write(`taken up after ${((performance.now() - since) / 1000).toFixed(1)} s\n`)
  await holder.query('rollback')

  await expect.poll(async () => (await db.select({ integrity: fileVersions.integrity, sha256: fileVersions.sha256 }).from(fileVersions).where(eq(fileVersions.itemId, file.id))), PATIENCE).toEqual([
    { integrity: 'verified', sha256: file.sha256 },
  ])
  await expect.poll(() => db.select({ id: uploads.id }).from(uploads), PATIENCE).toEqual([])
  await expect.poll(async () => (await db.execute(sql`
    select name, state from pgboss.job where retry_count = 1 and name in (${verifyFileJob.name}, ${sweepJob.name}) order by name`)).rows, PATIENCE).toEqual([
    { name: verifyFileJob.name, state: 'completed' },
    { name: sweepJob.name, state: 'completed' },
  ])
})
