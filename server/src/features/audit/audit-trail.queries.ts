import type { SQL } from 'drizzle-orm'
import type { Executor } from '../../db/database.ts'
import type { ToldRow } from './audit-told.queries.ts'
import { and, count, desc, eq, gte, inArray, like, lt, or, sql } from 'drizzle-orm'
import { containing, escapeLike } from '../../db/like.ts'
import { instance } from '../instance/instance.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { selectTold, tellRow } from './audit-told.queries.ts'
import { auditEvents, auditPersonal } from './audit.table.ts'

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

/** Newest first, below `before`. */
export async function listEvents(db: Executor, chainId: string, filter: EventFilter, page: { before?: number, limit: number }): Promise<ToldRow[]> {
  const rows = await selectTold(db)
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
  return rows.map(tellRow)
}

function ofActions({ actions = [], families = [] }: EventFilter): SQL | undefined {
  return or(
    actions.length > 0
      ? inArray(auditEvents.action, actions)
      : undefined,
    ...families.map(family => like(auditEvents.action, `${escapeLike(family)}.%`)),
  )
}

/** Who did it, to what, and what else the sentence names: the files that a link brought, what something was called before. */
function named(text: string): SQL {
  const pattern = containing(text)
  const items = sql`jsonb_array_elements(case when jsonb_typeof(${auditPersonal.details} -> 'items') = 'array' then ${auditPersonal.details} -> 'items' end)`
  return sql`(${auditPersonal.actorName} ilike ${pattern} or ${auditPersonal.subjectName} ilike ${pattern}
    or ${auditPersonal.details} #>> '{name,from}' ilike ${pattern}
    or exists (select from ${items} as item where item ->> 'name' ilike ${pattern}))`
}

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

/** Whose log it is: the workspace's name, or the deployment's. */
export async function getOwnersName(db: Executor, workspaceId: string | null): Promise<string> {
  const [row] = workspaceId === null
    ? await db.select({ name: instance.name }).from(instance)
    : await db.select({ name: workspaces.name }).from(workspaces).where(eq(workspaces.id, workspaceId))
  return row?.name ?? ''
}
