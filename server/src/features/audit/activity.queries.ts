import type { Executor } from '../../db/database.ts'
import type { ToldRow } from './audit-told.queries.ts'
import { and, desc, eq, sql } from 'drizzle-orm'
import { selectTold, tellRow } from './audit-told.queries.ts'
import { auditEvents, auditMentions } from './audit.table.ts'

/**
 * What was done to a file, a folder or a link, and what else tells of it, newest first, below `before`. From the two indexes that name it, so that the size of the log does not matter.
 */
export async function listEventsAbout(db: Executor, chainId: string, id: string, page: { before?: number, limit: number }): Promise<ToldRow[]> {
  const newest = (table: typeof auditEvents | typeof auditMentions, column: string) => sql`(
    select seq from ${table} where chain_id = ${chainId}::uuid and ${sql.identifier(column)} = ${id}::uuid and seq < ${page.before ?? Number.MAX_SAFE_INTEGER}::bigint
    order by seq desc limit ${page.limit}
  )`
  const rows = await selectTold(db)
    .where(and(
      eq(auditEvents.chainId, chainId),
      sql`${auditEvents.seq} = any(array(${newest(auditEvents, 'subject_id')} union ${newest(auditMentions, 'item_id')} order by seq desc limit ${page.limit}))`,
    ))
    .orderBy(desc(auditEvents.seq))
  return rows.map(tellRow)
}
