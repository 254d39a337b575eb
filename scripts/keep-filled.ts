// Keeps a database that this version filled, as server/test/filled/<last migration>.json: for the test that migrates it once there are newer ones.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { buildApp } from '../server/src/app.ts'
import { loadConfig } from '../server/src/config/config.ts'
import { dataSteps } from '../server/src/data-steps.ts'
import { migrate } from '../server/src/db/migrate.ts'
import { createDeps } from '../server/src/deps.ts'
import { handlersOf, readersOf } from '../server/src/features.ts'
import { find } from '../server/src/features/doctor/finding.ts'
import { fill, SETUP_TOKEN } from '../server/test/filled/fill.ts'
import { formatSnapshot, takeFiles, takeTables } from '../server/test/filled/snapshot.ts'
import { startCluster } from './embedded-postgres.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { entries } = JSON.parse(readFileSync(join(root, 'migrations/meta/_journal.json'), 'utf8')) as { entries: { tag: string }[] }
const migration = entries.at(-1)!.tag
const target = join(root, 'server/test/filled', `${migration}.json`)
if (existsSync(target) && !process.argv.includes('--force')) {
  console.error(`${target} is there. What a released version filled is not made again; --force for one that nobody has yet.`)
  process.exit(1)
}

const cluster = await startCluster({
  folder: mkdtempSync(join(tmpdir(), 'clientshare-filled-')),
  ephemeral: true,
})
const dataDir = mkdtempSync(join(tmpdir(), 'clientshare-filled-'))
try {
  await migrate(cluster.url(), dataSteps)
  const secretKey = 'a-key-of-test-data-that-opens-nothing-else!'
  const deps = await createDeps({
    config: loadConfig({
      DATABASE_URL: cluster.url(),
      DATA_DIR: dataDir,
      SECRET_KEY: secretKey,
      SETUP_TOKEN,
      PUBLIC_URL: 'http://localhost:3000',
      LOG_LEVEL: 'silent',
      // Nothing listens there, and nothing sends.
      SMTP_URL: 'smtp://127.0.0.1:1',
      SMTP_ALLOW_PLAIN: 'true',
      MAIL_FROM: 'files@example.com',
    }),
    version: 'filled',
    log: {
      info: () => {},
      error: (fields, message) => console.error(message, fields),
    },
  })
  const app = await buildApp(deps)
  try {
    await deps.jobs.start(handlersOf(deps), { work: false })
    await deps.instance.prepareSetup()
    await deps.live.start()
    await deps.auditReaders.start(readersOf(deps))
    await fill(app)
    await deps.policies.noteDrift()
    await deps.identity.note()
    while ((await deps.auditReaders.states()).some(({ behind }) => behind > 0)) await sleep(50)
  }
  finally {
    await app.close()
    await deps.close()
  }

  const client = new pg.Client(cluster.url())
  await client.connect()
  // A move needs a second store; what it leaves behind is this.
  await client.query(`insert into storage_moves (id, source, target, started_at, finished_at) values (gen_random_uuid(), 's3', 'local', now() - interval '1 hour', now())`)
  await client.query(`insert into storage_copies (move_id, key, verified_at) select storage_moves.id, objects.key, now() from storage_moves, objects limit 1`)
  // A file that has more than one block would make this large; one block's sum is the file's.
  await client.query(`insert into object_blocks (object_key, sums) select object_key, substring(int8send(crc32) from 5) from file_versions where crc32 is not null limit 1`)
  // A deletion in the background needs a thousand files; of one of them it keeps this much.
  await client.query(`insert into purges (id, workspace_id, asked_by, state, total, listed, deleted, created_at, ended_at) select gen_random_uuid(), workspace_id, trashed_by, 'done', 1, 1, 1, now(), now() from items where trashed_at is not null limit 1`)
  await client.query(`insert into purge_items (purge_id, n, item_id, root_id, kind, bytes) select id, 1, id, id, 'folder', 0 from purges`)
  // What a crash left, or another deployment.
  await client.query(`insert into orphans (key, bytes, found_at, state) values ('w/of/another', 1, now(), 'kept')`)
  // Backups and restores need a place, and another deployment.
  await client.query(`insert into backups (id, place, started_at, ended_at, objects, bytes, new_bytes) values ('20260101T000000Z-a1b2c3', '/backup', now(), now(), 1, 1, 1)`)
  await client.query(`insert into restores (backup_id, loaded_at, proved_at) values ('20260101T000000Z-a1b2c3', now(), now())`)
  // A check's findings are the machine's.
  await client.query(`insert into examinations (begun_at, ended_at, findings) values (now(), now(), $1)`, [
    JSON.stringify([
      find('settings.well', { storage: 'local' }),
    ]),
  ])
  // No provider says who somebody is.
  await client.query(`insert into oidc_identities (id, provider_id, subject, user_id, label, created_at, last_used_at) select gen_random_uuid(), oidc_providers.id, 'olga-there', users.id, users.email, now(), now() from oidc_providers, users where users.is_operator`)
  await client.query(`insert into oidc_states (id, state_hash, provider_id, code_verifier, nonce, purpose, next, created_at, expires_at) select gen_random_uuid(), sha256('a state'), id, 'a verifier', 'a nonce', 'sign-in', '/', now(), now() + interval '10 minutes' from oidc_providers`)
  // No mail server says anything here.
  await client.query(`insert into mail_attempts (mail_id, number, began_at, ended_at, outcome, reply) select id, 1, now(), now(), 'later', '450 4.2.0 Greylisted' from mails limit 1`)
  await client.query(`insert into mail_suppressions (address_key, reply, created_at) values ('gone@example.com', '550 5.1.1 No such user', now())`)
  await client.query(`insert into reply_inboxes (mailbox, validity, uid, read_at) values ('replies@example.com imap.example.com INBOX', '1', 1, now())`)
  // The form of those outside asks for nothing here.
  await client.query(`insert into policy_acceptances (id, version_id, language, sha256, email, place, accepted_at, ip) select gen_random_uuid(), version_id, language, sha256, 'rosa@example.com', 'request', now(), '203.0.113.9' from policy_texts limit 1`)
  const tables = await takeTables(client)
  await client.end()
  // Only an upgrade fills the table of former heads.
  const empty = Object.entries(tables).filter(([name, rows]) => rows.length === 0 && name !== 'audit_former_heads').map(([name]) => name)
  if (empty.length > 0) throw new Error(`Nothing fills ${empty.join(', ')}: add it to server/test/filled/fill.ts`)
  writeFileSync(target, formatSnapshot({
    migration,
    madeAt: new Date().toISOString(),
    secretKey,
    tables,
    files: takeFiles(dataDir),
  }))
  console.error(`Kept ${target}`)
}
finally {
  await cluster.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
