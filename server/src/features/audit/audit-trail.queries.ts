import type { SQL } from 'drizzle-orm'
import type { Executor } from '../../db/database.ts'
import { and, asc, count, desc, eq, gt, gte, inArray, like, lt, or, sql } from 'drizzle-orm'
import { instance } from '../instance/instance.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { auditChains, auditEvents } from './audit.table.ts'

export interface EventFilter {
  actions?: string[]
  /** Families: `file` for everything that begins with `file.`. */
  families?: string[]
  outcome?: 'success' | 'refused'
  actorId?: string
  subjectId?: string
  from?: Date
  to?: Date
  name?: string
}

export type AuditRow = typeof auditEvents.$inferSelect

/** Newest first, below `before`. */
export async function listEvents(db: Executor, chainId: string, filter: EventFilter, page: { before?: number, limit: number }): Promise<AuditRow[]> {
  return db
    .select()
    .from(auditEvents)
    .where(and(
      eq(auditEvents.chainId, chainId),
      page.before === undefined
        ? undefined
        : lt(auditEvents.seq, page.before),
      ofActions(filter),
      filter.outcome && eq(auditEvents.outcome, filter.outcome),
      filter.actorId === undefined
        ? undefined
        : eq(auditEvents.actorId, filter.actorId),
      filter.subjectId === undefined
        ? undefined
        : eq(auditEvents.subjectId, filter.subjectId),
      filter.from && gte(auditEvents.at, filter.from),
      filter.to && lt(auditEvents.at, filter.to),
      filter.name === undefined
        ? undefined
        : named(filter.name),
    ))
    .orderBy(desc(auditEvents.seq))
    .limit(page.limit)
}

function ofActions({ actions = [], families = [] }: EventFilter): SQL | undefined {
  return or(
    actions.length > 0
      ? inArray(auditEvents.action, actions)
      : undefined,
    ...families.map(family => like(auditEvents.action, `${escapeLike(family)}.%`)),
  )
}

function named(text: string): SQL {
  const pattern = `%${escapeLike(text)}%`
  return sql`(${auditEvents.actor}->>'name' ilike ${pattern} or ${auditEvents.subject}->>'name' ilike ${pattern})`
}

const escapeLike = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&')

/** Only days that have events; `day` as YYYY-MM-DD, UTC. */
export async function countByDay(db: Executor, chainId: string, since: Date): Promise<{ day: string, count: number }[]> {
  const day = sql<string>`to_char(${auditEvents.at} at time zone 'UTC', 'YYYY-MM-DD')`
  return db
    .select({
      day,
      count: count(),
    })
    .from(auditEvents)
    .where(and(eq(auditEvents.chainId, chainId), gte(auditEvents.at, since)))
    .groupBy(sql`1`)
}

/** The head of the chain, and the last event there is: of one moment, because it is one statement. */
export async function findEnds(db: Executor, chainId: string): Promise<{ seq: number, hash: Buffer, lastSeq: number } | undefined> {
  const [ends] = await db
    .select({
      seq: auditChains.seq,
      hash: auditChains.hash,
      lastSeq: sql<number>`coalesce((select max(${auditEvents.seq}) from ${auditEvents} where ${auditEvents.chainId} = ${auditChains.id}), 0)`.mapWith(Number),
    })
    .from(auditChains)
    .where(eq(auditChains.id, chainId))
  return ends
}

/** Oldest first, above `after`. */
export async function listForProof(db: Executor, chainId: string, after: number, limit: number): Promise<AuditRow[]> {
  return db.select().from(auditEvents).where(and(eq(auditEvents.chainId, chainId), gt(auditEvents.seq, after))).orderBy(asc(auditEvents.seq)).limit(limit)
}

/** Whose log it is: the workspace's name, or the deployment's. */
export async function getOwnersName(db: Executor, workspaceId: string | null): Promise<string> {
  const [row] = workspaceId === null
    ? await db.select({ name: instance.name }).from(instance)
    : await db.select({ name: workspaces.name }).from(workspaces).where(eq(workspaces.id, workspaceId))
  return row?.name ?? ''
}
