import type { Executor, Tx } from '../../db/database.ts'
import type { AuditOrigin } from '../audit/audit.table.ts'
import type { VisitKey } from './public-links.queries.ts'
import { createHash } from 'node:crypto'
import { networkOf } from '../../http/network.ts'
import * as queries from './public-links.queries.ts'

/** The like of a visit is not noted again for so long. */
export const HOUR_MS = 3_600_000
/** What is noted of one link in an hour: of openings and unlockings from one network, whatever browsers it claims to be, of refusals from all. */
const MOST = 30

export function openingKey(linkId: string, { ip, userAgent }: AuditOrigin): VisitKey {
  return {
    linkId,
    kind: 'opened',
    source: hashed(linkId, networkOf(ip)),
    what: hashed(linkId, userAgent),
  }
}

/** Whoever knows the password is told of once in a while too, however often they enter it. */
export function unlockingKey(linkId: string, origin: AuditOrigin): VisitKey {
  return {
    ...openingKey(linkId, origin),
    what: hashed(linkId, `unlocked ${origin.userAgent}`),
  }
}

export function refusalKey(linkId: string, { ip }: AuditOrigin, reason: string): VisitKey {
  return {
    linkId,
    kind: 'refused',
    source: hashed(linkId, networkOf(ip)),
    what: reason,
  }
}

/** Whether the log should tell of it, as it looks from outside a transaction: a flood takes no lock. */
export async function isNews(db: Executor, key: VisitKey, now: Date): Promise<boolean> {
  const recent = await queries.countVisits(db, key, hourBefore(now))
  return recent.alike === 0 && recent.counted < MOST
}

/**
 * Notes a visit of which the log is to tell, and answers whether it is. Call it with the link's row locked: of visits at once, whichever server they
 * come to, each kind is told of once and none too many.
 */
export async function noteVisit(tx: Tx, key: VisitKey, now: Date): Promise<boolean> {
  if (!await isNews(tx, key, now)) return false
  await queries.upsertVisit(tx, key, now)
  return true
}

const hourBefore = (now: Date) => new Date(now.getTime() - HOUR_MS)

/** With the link, so that one visitor of two links is not seen to be one. */
const hashed = (linkId: string, value: string | null) => createHash('sha256').update(`${linkId} ${value ?? ''}`).digest('base64url')
