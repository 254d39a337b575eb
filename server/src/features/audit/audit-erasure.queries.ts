import type { SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Executor } from '../../db/database.ts'
import type { PersonalPart } from './audit.chain.ts'
import { and, eq, inArray, isNotNull, isNull, lt, notExists, or, sql } from 'drizzle-orm'
import { notificationEvents, notificationLines } from '../notifications/notifications.table.ts'
import { auditChains, auditEvents, auditPersonal } from './audit.table.ts'

/**
 * What is no longer to be told: of what somebody did, who it was and from where; of what was done to something or somebody, its name and the
 * personal details; or from where anything was done before a time. Without a chain: in all of them.
 */
export type Erasure = ({ actorId: string } | { subjectId: string } | { originBefore: Date }) & { chainId?: string }

const saltOf: Record<PersonalPart, PgColumn> = {
  actor: auditPersonal.actorSalt,
  origin: auditPersonal.originSalt,
  subject: auditPersonal.subjectSalt,
  details: auditPersonal.detailsSalt,
}
const nothingOf: Record<PersonalPart, Partial<typeof auditPersonal.$inferInsert>> = {
  actor: { actorName: null, actorSalt: null },
  origin: { ip: null, userAgent: null, originSalt: null },
  subject: { subjectName: null, subjectSalt: null },
  details: { details: null, detailsSalt: null },
}

function scopeOf(erasure: Erasure): { parts: PersonalPart[], where: SQL } {
  if ('actorId' in erasure) {
    return {
      parts: ['actor', 'origin'],
      where: eq(auditEvents.actorId, erasure.actorId),
    }
  }
  if ('subjectId' in erasure) {
    return {
      parts: ['subject', 'details'],
      where: eq(auditEvents.subjectId, erasure.subjectId),
    }
  }
  return {
    parts: ['origin'],
    where: lt(auditEvents.at, erasure.originBefore),
  }
}

/** @returns of how many events something was erased */
export async function erasePersonal(db: Executor, erasure: Erasure, limit: number): Promise<number> {
  const { parts, where } = scopeOf(erasure)
  const concerned = db
    .select({ chainId: auditPersonal.chainId, seq: auditPersonal.seq })
    // From the chains, so that the indexes of events serve, which begin with them.
    .from(auditChains)
    .innerJoin(auditEvents, eq(auditEvents.chainId, auditChains.id))
    .innerJoin(auditPersonal, and(eq(auditPersonal.chainId, auditEvents.chainId), eq(auditPersonal.seq, auditEvents.seq)))
    .where(and(
      where,
      erasure.chainId === undefined
        ? undefined
        : eq(auditChains.id, erasure.chainId),
      or(...parts.map(part => isNotNull(saltOf[part]))),
    ))
    .limit(limit)
  const erased = await db
    .update(auditPersonal)
    .set(Object.assign({}, ...parts.map(part => nothingOf[part])))
    .where(sql`(${auditPersonal.chainId}, ${auditPersonal.seq}) in ${concerned}`)
  return erased.rowCount ?? 0
}

/** News of the same: it is not told any more at all. Where something was is not told of what stays. */
export async function deleteNews(db: Executor, erasure: Erasure, instanceChain: string): Promise<void> {
  if ('originBefore' in erasure) return
  const inChain = erasure.chainId === undefined
    ? undefined
    : erasure.chainId === instanceChain
      ? isNull(notificationLines.workspaceId)
      : eq(notificationLines.workspaceId, erasure.chainId)
  if ('actorId' in erasure) {
    await db.delete(notificationLines).where(and(eq(notificationLines.actorId, erasure.actorId), inChain))
    return
  }
  const { subjectId } = erasure
  const told = db.select({ id: notificationEvents.lineId }).from(notificationEvents).where(eq(notificationEvents.subjectId, subjectId))
  const lineIds = (await db.select({ id: notificationLines.id }).from(notificationLines).where(and(inArray(notificationLines.id, told), inChain))).map(({ id }) => id)
  await db.delete(notificationEvents).where(and(eq(notificationEvents.subjectId, subjectId), inArray(notificationEvents.lineId, lineIds)))
  await db.delete(notificationLines).where(and(
    inArray(notificationLines.id, lineIds),
    notExists(db.select({ one: sql`1` }).from(notificationEvents).where(eq(notificationEvents.lineId, notificationLines.id))),
  ))
  await db.update(notificationLines).set({ placeName: null }).where(and(eq(notificationLines.placeId, subjectId), inChain))
}
