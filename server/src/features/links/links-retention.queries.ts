import type { Executor, Tx } from '../../db/database.ts'
import { asc, eq, inArray, lt, sql } from 'drizzle-orm'
import { items } from '../items/items.table.ts'
import { linkItems, links } from './links.table.ts'

/** Revoked or expired, whichever came first, before then; held until the end of the transaction. What somebody changes at the moment is left for the next time. */
export function holdEndedLinks(tx: Tx, before: Date, limit: number) {
  return tx
    .select({
      id: links.id,
      workspaceId: links.workspaceId,
      title: links.title,
      openCount: links.openCount,
      downloadCount: links.downloadCount,
    })
    .from(links)
    .where(lt(sql`least(${links.revokedAt}, ${links.expiresAt})`, before.toISOString()))
    .orderBy(asc(links.id))
    .limit(limit)
    .for('update', { skipLocked: true })
}

/** What each leads to, in its order. */
export function listLinkNames(db: Executor, linkIds: readonly string[]): Promise<{ linkId: string, name: string }[]> {
  return db
    .select({ linkId: linkItems.linkId, name: items.name })
    .from(linkItems)
    .innerJoin(items, eq(items.id, linkItems.itemId))
    .where(inArray(linkItems.linkId, [...linkIds]))
    .orderBy(asc(linkItems.linkId), asc(linkItems.position))
}

export async function deleteLinks(tx: Tx, linkIds: readonly string[]): Promise<void> {
  await tx.delete(links).where(inArray(links.id, [...linkIds]))
}
