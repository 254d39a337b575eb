import type { Db } from '../../db/database.ts'
import type { Finding } from './finding.ts'
import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import { links } from '../links/links.table.ts'
import { users } from '../users/users.table.ts'
import { examinations } from './examinations.table.ts'

export interface DatabaseFacts {
  version: string
  major: number
  encoding: string
  isReplica: boolean
  isReadOnly: boolean
  /** Settings without which a crash loses what was acknowledged. */
  durable: Record<'fsync' | 'full_page_writes' | 'synchronous_commit', string>
  maxConnections: number
  bytes: number
}

export async function findDatabaseFacts(db: Db): Promise<DatabaseFacts> {
  const { rows: [row] } = await db.execute<{
    version: string
    number: number
    encoding: string
    is_replica: boolean
    read_only: string
    fsync: string
    full_page_writes: string
    synchronous_commit: string
    connections: string
    bytes: string
  }>(sql`
    select current_setting('server_version') as version, current_setting('server_version_num')::integer as number,
      current_setting('server_encoding') as encoding, pg_is_in_recovery() as is_replica, current_setting('default_transaction_read_only') as read_only,
      current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes, current_setting('synchronous_commit') as synchronous_commit,
      current_setting('max_connections') as connections, pg_database_size(current_database()) as bytes`)
  return {
    version: row!.version.split(' ')[0]!,
    major: Math.floor(row!.number / 10_000),
    encoding: row!.encoding,
    isReplica: row!.is_replica,
    isReadOnly: row!.read_only === 'on',
    durable: {
      fsync: row!.fsync,
      full_page_writes: row!.full_page_writes,
      synchronous_commit: row!.synchronous_commit,
    },
    maxConnections: Number(row!.connections),
    bytes: Number(row!.bytes),
  }
}

/** How many processes hold an advisory lock together. */
export async function countHolders(db: Db, lock: number): Promise<number> {
  const { rows: [row] } = await db.execute<{ count: number }>(sql`
    select count(*)::integer as count from pg_locks
    where locktype = 'advisory' and mode = 'ShareLock' and granted and classid = 0 and objid = ${lock} and database = (select oid from pg_database where datname = current_database())`)
  return row!.count
}

/** When a job of that name last ended well; undefined: not in the days that the queue remembers. */
export async function findLastRun(db: Db, job: string): Promise<Date | undefined> {
  const { rows: [row] } = await db.execute<{ at: Date | null }>(sql`select max(completed_on) as at from pgboss.job where name = ${job} and state = 'completed'`)
  return row?.at
    ? new Date(row.at)
    : undefined
}

export async function findNewestLink(db: Db): Promise<{ tokenCiphertext: Buffer } | undefined> {
  const [row] = await db.select({ tokenCiphertext: links.tokenCiphertext }).from(links).orderBy(desc(links.createdAt)).limit(1)
  return row
}

/** Of everybody who can sign in. */
export async function listAddresses(db: Db): Promise<{ id: string, email: string }[]> {
  return db.select({ id: users.id, email: users.email }).from(users).where(isNull(users.disabledAt)).orderBy(users.emailKey)
}

export type Examination = Pick<typeof examinations.$inferSelect, 'begunAt' | 'endedAt' | 'findings'>

export async function findExamination(db: Db): Promise<Examination | undefined> {
  const [row] = await db.select({ begunAt: examinations.begunAt, endedAt: examinations.endedAt, findings: examinations.findings }).from(examinations)
  return row
}

/** Begins one, unless one is under way that began after `aliveSince`. @returns whether it is the caller's to do */
export async function beginExamination(db: Db, now: Date, aliveSince: Date): Promise<boolean> {
  const begun = { begunAt: now, endedAt: null, findings: [] }
  const rows = await db.insert(examinations).values(begun).onConflictDoUpdate({
    target: examinations.singleton,
    set: begun,
    setWhere: sql`${examinations.endedAt} is not null or ${examinations.begunAt} < ${aliveSince.toISOString()}::timestamptz`,
  }).returning({ begunAt: examinations.begunAt })
  return rows.length > 0
}

/** What was found so far by the one that began then; nothing once that has ended, or another was begun. */
export async function noteFindings(db: Db, begunAt: Date, findings: Finding[], endedAt: Date | null): Promise<void> {
  await db.update(examinations).set({ findings, endedAt }).where(and(eq(examinations.begunAt, begunAt), isNull(examinations.endedAt)))
}
