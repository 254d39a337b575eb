// The proof of an audit chain beside the proof of its first version, in one run: node server/bench/chain.ts [events…]
import { createHash, randomUUIDv7 } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { and, asc, eq, gt } from 'drizzle-orm'
import { bigint, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { startCluster } from '../../scripts/embedded-postgres.ts'
import { dataSteps } from '../src/data-steps.ts'
import { binary, instant } from '../src/db/columns.ts'
import { createDatabase } from '../src/db/database.ts'
import { migrate } from '../src/db/migrate.ts'
import { proveChain } from '../src/features/audit/audit-proof.ts'
import { GENESIS_HASH } from '../src/features/audit/audit.chain.ts'
import { formerHash } from '../src/features/audit/former-chain.ts'

const sizes = process.argv.slice(2).map(Number)
const ROUNDS = 3
const chainId = randomUUIDv7()
const people = Array.from({ length: 50 }, (_, n) => ({
  kind: 'user' as const,
  id: randomUUIDv7(),
  name: `Person ${n} of Example Ltd`,
}))

/** The first version's table, and its proof as it stood. */
const formerEvents = pgTable('audit_events', {
  chainId: uuid('chain_id').notNull(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  at: instant('at').notNull(),
  action: text('action').notNull(),
  outcome: text('outcome', {
    enum: ['success', 'refused'],
  }).notNull(),
  actor: jsonb('actor').$type<Parameters<typeof formerHash>[1]['actor']>().notNull(),
  subject: jsonb('subject').$type<Parameters<typeof formerHash>[1]['subject']>().notNull(),
  origin: jsonb('origin').$type<Parameters<typeof formerHash>[1]['origin']>().notNull(),
  details: jsonb('details').$type<Record<string, unknown>>().notNull(),
  previousHash: binary('previous_hash').notNull(),
  hash: binary('hash').notNull(),
  actorId: uuid('actor_id'),
  subjectId: uuid('subject_id'),
})
type Database = ReturnType<typeof createDatabase>

function formerJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formerJson).join(',')}]`
  if (value !== null && typeof value === 'object' && !(value instanceof Date)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined).sort(([a], [b]) => (a < b
      ? -1
      : 1))
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${formerJson(member)}`).join(',')}}`
  }
  return JSON.stringify(value)
}

function hashFormerly(previous: Buffer, { chainId, seq, at, action, outcome, actor, subject, origin, details }: typeof formerEvents.$inferSelect): Buffer {
  return createHash('sha256').update(previous).update(formerJson({
    chainId,
    seq,
    at: at.toISOString(),
    action,
    outcome,
    actor,
    subject,
    origin,
    details,
  })).digest()
}

async function proveFormer({ db }: Database, events: number): Promise<void> {
  let seq = 0
  let hash: Buffer = Buffer.alloc(32)
  while (seq < events) {
    const rows = await db.select().from(formerEvents).where(and(eq(formerEvents.chainId, chainId), gt(formerEvents.seq, seq))).orderBy(asc(formerEvents.seq)).limit(500)
    for (const row of rows) {
      if (row.seq !== seq + 1 || !row.previousHash.equals(hash) || !row.hash.equals(hashFormerly(hash, row)) || row.actorId !== row.actor.id || row.subjectId !== row.subject.id) throw new Error(`broken at ${seq + 1}`)
      seq = row.seq
      hash = row.hash
    }
  }
}

async function fill(url: string, events: number): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query('insert into audit_chains (id, seq, hash) values ($1, 0, decode($2, \'hex\'))', [chainId, GENESIS_HASH])
  let hash: string = GENESIS_HASH
  for (let done = 0; done < events;) {
    const rows = Array.from({
      length: Math.min(5000, events - done),
    }, () => {
      const seq = ++done
      const previous = hash
      const event = {
        chainId,
        seq,
        at: new Date(Date.UTC(2026, 0, 1) + seq * 1000),
        action: 'file.uploaded',
        outcome: 'success' as const,
        actor: people[seq % people.length]!,
        subject: {
          kind: 'file' as const,
          id: randomUUIDv7(),
          name: `Report of the month ${seq}.pdf`,
        },
        origin: { via: 'web' as const, ip: `198.51.100.${seq % 256}`, userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36' },
        details: {
          parentId: people[0]!.id,
          parentName: 'Reports',
          version: 1,
          size: seq * 1000,
          sha256: null,
        },
      }
      hash = formerHash(previous, event)
      return {
        ...event,
        chain_id: chainId,
        actor_id: event.actor.id,
        subject_id: event.subject.id,
        previous_hash: `\\x${previous}`,
        hash: `\\x${hash}`,
      }
    })
    await client.query('insert into audit_events select * from json_populate_recordset(null::audit_events, $1)', [
      JSON.stringify(rows),
    ])
  }
  await client.query(`update audit_chains set seq = $2, hash = decode($3, 'hex') where id = $1`, [chainId, events, hash])
  await client.query('vacuum analyze audit_events')
  await client.end()
}

const timed = async (work: () => Promise<unknown>) => {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

process.stdout.write(`${cpus().length} cores, Node ${process.version}; medians of ${ROUNDS} rounds in turn; events a second, and their ratio.\n\n| events | version 2 | version 1 | ratio | rewriting |\n|---|---|---|---|---|\n`)
for (const events of sizes.length > 0
  ? sizes
  : [10_000, 100_000, 1_000_000]) {
  const cluster = await startCluster({
    folder: mkdtempSync(join(tmpdir(), 'clientshare-chain-')),
    ephemeral: true,
  })
  try {
    await migrate(cluster.url(), dataSteps, { until: '0003_guests_upload' })
    await fill(cluster.url(), events)
    const admin = new pg.Client(cluster.url('postgres'))
    await admin.connect()
    await admin.query('create database rewritten template clientshare').finally(() => admin.end())
    const rewritten = new URL(cluster.url())
    rewritten.pathname = '/rewritten'
    const rewriting = await timed(() => migrate(rewritten.href, dataSteps))
    const [former, current] = [
      createDatabase({
        url: cluster.url(),
        poolSize: 1,
      }),
      createDatabase({ url: rewritten.href, poolSize: 1 }),
    ]
    const times: { former: number[], current: number[] } = { former: [], current: [] }
    for (let round = 0; round < ROUNDS; round++) {
      times.former.push(await timed(() => proveFormer(former, events)))
      times.current.push(await timed(async () => {
        const proof = await proveChain(current.db, chainId)
        if (proof.brokenAt !== null || proof.events !== events) throw new Error(`The proof found ${JSON.stringify(proof)}`)
      }))
    }
    await former.close()
    await current.close()
    const [one, two] = [events / median(times.former), events / median(times.current)]
    process.stdout.write(`| ${events} | ${Math.round(two)} | ${Math.round(one)} | **${(two / one).toFixed(2)}** | ${rewriting.toFixed(1)} s |\n`)
  }
  finally {
    await cluster.stop()
  }
}
