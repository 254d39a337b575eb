import type { TestApp } from './test-app.ts'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createDatabase } from '../src/db/database.ts'
import { newKey } from '../src/features/backups/backups.fixture.ts'
import { formOf } from '../src/features/uploads/uploads.fixture.ts'
import { createLocalStorage } from '../src/storage/local-storage.ts'
import { createTestDatabase } from './database.ts'
import { createWorkspace, setUpInstance } from './factories.ts'
import { startMain } from './main-process.ts'
import { newBucket, sharedMinio } from './shared-minio.ts'
import { useTestApp } from './test-app.ts'
import { findViolations } from './violations.ts'

async function useFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `clientshare-${name}-`))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function run(env: Record<string, string>, ...args: string[]): Promise<{ code: number | null, output: string }> {
  const running = startMain({ env, args })
  return {
    code: await running.ended,
    output: running.output(),
  }
}

const environmentOf = ({ config }: TestApp, place: Record<string, string>): Record<string, string> => ({
  DATABASE_URL: config.databaseUrl,
  DATA_DIR: config.dataDir,
  SECRET_KEY: config.secretKey,
  PORT: '0',
  ...place,
})

// Each step is a process. With MINIO_BINARY the backups are in a bucket.
it('backs up, lists and restores by command, and the restored deployment serves', async () => {
  const test = await useTestApp()
  await setUpInstance(test)
  await test.deps.identity.join()
  const workspace = await createWorkspace(test)
  for (let i = 0; i < 3; i++) {
    const { status } = await test.call('POST', `/workspaces/${workspace.id}/files?${new URLSearchParams({ parentId: workspace.rootId, name: `file ${i}` })}`, {
      token: workspace.owner.token,
      ...formOf(randomBytes(100_000)),
    })
    expect(status).toBe(201)
  }
  const place: Record<string, string> = sharedMinio
    ? {
        BACKUP_TO: 's3',
        BACKUP_S3_ENDPOINT: sharedMinio.endpoint,
        BACKUP_S3_BUCKET: newBucket(),
        BACKUP_S3_ACCESS_KEY: sharedMinio.accessKey,
        BACKUP_S3_SECRET_KEY: sharedMinio.secretKey,
      }
    : { BACKUP_TO: await useFolder('backups') }
  const source = environmentOf(test, place)

  const made = await run(source, 'backup')
  expect([made.output, made.code]).toEqual([
    expect.stringMatching(/3 of 3 objects.*\nBackup \S+ is made in .*\nIt has \d+ tables, 3 files, 3 objects of 293\.0 KiB; 0 objects of these were there already\.\nNot in it, .* SECRET_KEY \(set here: .*SECRET_KEY\)\.\n/),
    0,
  ])
  const listed = await run(source, 'backup', '--list')
  const [, id] = /^(\S+) {2}\S+ {2}\S+ {2}3 files {2}293\.0 KiB\n/.exec(listed.output) ?? []
  expect([id, listed.code]).toEqual([
    expect.stringMatching(/^\d{8}T\d{6}Z-/),
    0,
  ])

  // A second one is encrypted, and comes back where SECRET_KEY is another one.
  const { identity, recipient } = await newKey()
  const keys = await useFolder('keys')
  const identityFile = join(keys, 'key.txt')
  await writeFile(identityFile, `# public key: ${recipient}\n${identity}\n`)
  expect(await run(source, 'backup', '--recipient', identity)).toEqual({
    code: 78,
    output: expect.stringMatching(/--recipient has a secret key: it wants the public one[\s\S]*Use: .* backup \[--to/),
  })
  const again = await run({ ...source, BACKUP_RECIPIENT: recipient }, 'backup')
  expect([again.output, again.code]).toEqual([
    expect.stringMatching(new RegExp(`0 objects of these were there already\\.\\nIt is encrypted, .* Keep the secret key of ${recipient} elsewhere`)),
    0,
  ])
  const [, second] = /Backup (\S+) is made/.exec(again.output) ?? []
  expect(id).not.toBe(second)

  const database = await createTestDatabase({ empty: true })
  onTestFinished(() => database.drop())
  const dataDir = await useFolder('restored')
  const target = {
    ...source,
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    SECRET_KEY: 'another-key-of-32-characters-or-more',
  }

  expect(await run(target, 'restore')).toEqual({
    code: 78,
    output: expect.stringMatching(/is encrypted for age1\w+\. Give the file with the secret key: --identity <file>\.\n/),
  })
  const settings = await run(target, 'restore', '--settings', '--identity', identityFile)
  expect([
    settings.code,
    settings.output.split('\n'),
  ]).toEqual([
    0,
    expect.arrayContaining([`SECRET_KEY=${source.SECRET_KEY}`, `DATABASE_URL='${source.DATABASE_URL}'`]),
  ])
  const restored = await run(target, 'restore', '--identity', identityFile)
  expect([restored.output, restored.code]).toEqual([
    expect.stringMatching(new RegExp(`^Backup ${second} in [^]*\\nRestored from ${second}, deployment \\S+, and proved:\\n- \\d+ rows in \\d+ tables: .*\\n- 3 objects, 293\\.0 KiB: .*\\n- 3 files with 3 versions .*\\n- 3 objects, [^]*\\n- 0 links: [^]*\\n- \\d+ logs? with [^]*\\n- deployment \\S+: database and store belong together\\n`)),
    0,
  ])
  const { db, close } = createDatabase({ url: database.url, poolSize: 2 })
  const storage = await createLocalStorage({
    root: join(dataDir, 'storage'),
  })
  expect(await findViolations({ db, storage })).toEqual([])
  await storage.close()
  await close()

  const server = startMain({ env: target, ipc: true })
  await expect.poll(() => server.output()).toContain('deployment')
  server.child.kill('SIGTERM')
  expect([
    await server.ended,
    server.output(),
  ]).toEqual([
    0,
    expect.not.stringMatching(/"level":[56]0/),
  ])
})
