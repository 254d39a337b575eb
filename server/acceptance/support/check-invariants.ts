import { readFileSync } from 'node:fs'
import process from 'node:process'
import pg from 'pg'
import { loadConfig } from '../../src/config/config.ts'
import { createDeps } from '../../src/deps.ts'
import { findViolations } from '../../src/features/objects/objects.invariants.ts'

/**
 * The deep check of a running server's data, in a process of its own: reads every byte, walks every audit chain.
 * Writes one JSON array of lines: what is wrong. The server's environment comes on standard input.
 */
const env = Object.fromEntries(readFileSync(0, 'utf8').split('\0').filter(Boolean).map(line => [
  line.slice(0, line.indexOf('=')),
  line.slice(line.indexOf('=') + 1),
]))
const config = loadConfig(env)
const deps = await createDeps({
  config,
  version: 'check',
  log: {
    info: () => {},
    error: () => {},
  },
})
const client = new pg.Client({ connectionString: config.databaseUrl })
await client.connect()
const list = async (text: string) => (await client.query<Record<string, string>>(text)).rows

const found = await findViolations(deps, { idle: false })
for (const { id } of await list('select id from audit_chains')) {
  const { events, brokenAt } = await deps.auditTrail.verify(id!)
  if (brokenAt !== null) found.push(`I4: the chain ${id} is broken at ${brokenAt} of ${events}`)
}
for (const { id } of await list('select id from links where max_downloads is not null and download_count > max_downloads')) found.push(`I3: the link ${id} was downloaded too often`)
// One event for one committed action, none for what was rolled back.
for (const { id, counted, events } of await list(`
  select links.id, download_count as counted, (select count(*) from audit_events where subject_id = links.id and action = 'link.downloaded') as events from links`)) {
  if (Number(counted) !== Number(events)) found.push(`I4: the link ${id} counts ${counted} downloads, the log has ${events}`)
}
for (const { id } of await list(`
  select items.id from items where kind = 'file'
    and (select count(*) from file_versions where item_id = items.id) <> (select count(*) from audit_events where subject_id = items.id and action in ('file.uploaded', 'file.version_added', 'file.version_restored'))`)) found.push(`I4: the file ${id} has not one event for each version`)
for (const { id } of await list(`select id from items where kind = 'file' and version_id is null`)) found.push(`I5: the file ${id} has no version`)
// Readers of the log: what this one has counted is what stands up to its place, each event once.
for (const { name, counted, events } of await list(`
  select users.name, coalesce(own.count, 0) as counted, (
    select count(*) from audit_events
    where chain_id = members.workspace_id and seq > coalesce(own.seen_seq, 0) and seq <= reader.seq and actor_id is distinct from members.user_id) as events
  from audit_readers as reader
  join members on members.workspace_id = reader.chain_id and members.role = 'owner'
  join users on users.id = members.user_id
  left join unseen_activity as own on own.member_id = members.id
  where reader.reader = 'unseen-activity'`)) {
  if (Number(counted) !== Number(events)) found.push(`I4: ${name} was told of ${counted} events, the log has ${events}`)
}

await client.end()
await deps.storage.close()
process.stdout.write(JSON.stringify(found))
process.exit(0)
