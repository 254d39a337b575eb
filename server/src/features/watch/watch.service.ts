import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Member } from '../access/access.service.ts'
import type { ToldRow } from '../audit/audit-readers.service.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { Watch } from './watch.schemas.ts'
import { systemCaller } from '../../http/caller.ts'
import { archiveDownloaded, fileDownloaded, itemPurged, itemTrashed, linkRefused, sessionRefused, sessionStarted, watchAccountRefusals, watchDeletions, watchDownloads, watchLinkRefusals, watchNetwork, watchOperatorNetwork, workspaceWatchChanged } from '../audit/audit.actions.ts'
import { ACCOUNT_REFUSALS, placeOfAddress } from './watch.policy.ts'
import * as queries from './watch.queries.ts'

const HOUR_MS = 3_600_000
/** Looks at what the log tells for what somebody should see soon. What it finds, it tells the log, where it is told on like anything else. */
export interface WatchService {
  /** What the reader of the log does with the events of one chain. */
  look: (tx: Tx, events: readonly ToldRow[]) => Promise<void>
  thresholds: (member: Member) => Promise<Watch>
  setThresholds: (caller: Caller, member: Member, thresholds: Watch) => Promise<Watch>
}

/** What is counted, of whom, and how much of it an event is. */
type Counted = Pick<queries.WatchCount, 'kind' | 'count'> & { subjectId: string | null }

export const watchedActions = [
  fileDownloaded,
  archiveDownloaded,
  itemTrashed,
  itemPurged,
  linkRefused,
  sessionRefused,
  sessionStarted,
].map(({ action }) => action)

export function createWatchService({ db, audit }: { db: Db, audit: AuditLog }): WatchService {
  function countedIn({ action, actor, subject, details }: ToldRow, filesBelow: ReadonlyMap<string, number>): Counted | undefined {
    const byMember = actor.kind === 'user'
      ? actor.id
      : null
    switch (action) {
      case linkRefused.action: return { kind: 'link_refusals', subjectId: subject.id, count: 1 }
      case sessionRefused.action: return { kind: 'account_refusals', subjectId: subject.id, count: 1 }
      case fileDownloaded.action: return { kind: 'downloads', subjectId: byMember, count: 1 }
      case archiveDownloaded.action: return {
        kind: 'downloads',
        subjectId: byMember,
        count: Number(details.fileCount),
      }
      case itemTrashed.action: return { kind: 'trashed', subjectId: byMember, count: filesBelow.get(subject.id ?? '') ?? 1 }
      case itemPurged.action: return {
        kind: 'purged',
        subjectId: byMember,
        count: Number(details.files),
      }
      default: return undefined
    }
  }

  async function count(tx: Tx, events: readonly ToldRow[]): Promise<queries.WatchCount[]> {
    const folderIds = events.flatMap(({ action, subject }) => action === itemTrashed.action && subject.kind === 'folder'
      ? subject.id ?? []
      : [])
    const filesBelow = folderIds.length > 0
      ? await queries.countFilesBelow(tx, events[0]!.chainId, folderIds)
      : new Map<string, number>()
    const counts = new Map<string, queries.WatchCount>()
    for (const event of events) {
      const counted = countedIn(event, filesBelow)
      if (!counted || counted.subjectId === null || counted.count === 0) continue
      const { kind, subjectId } = counted
      const hour = new Date(Math.floor(event.at.getTime() / HOUR_MS) * HOUR_MS)
      const key = `${kind} ${subjectId} ${hour.getTime()}`
      counts.set(key, {
        chainId: event.chainId,
        kind,
        subjectId,
        hour,
        count: (counts.get(key)?.count ?? 0) + counted.count,
      })
    }
    return [
      ...counts.values(),
    ]
  }

  /** Whose count comes to where it is to be told, with this batch. */
  async function tooMany(tx: Tx, events: readonly ToldRow[]): Promise<NewAuditEvent[]> {
    const counts = await count(tx, events)
    if (counts.length === 0) return []
    const { chainId } = events[0]!
    const isAccounts = counts[0]!.kind === 'account_refusals'
    const most = isAccounts
      ? undefined
      : await queries.findThresholds(tx, chainId)
    const limits: Record<queries.WatchCount['kind'], number | null | undefined> = {
      account_refusals: ACCOUNT_REFUSALS,
      link_refusals: most?.refusals,
      downloads: most?.downloads,
      trashed: most?.deletions,
      purged: most?.deletions,
    }
    const reached: (queries.WatchCount & { times: number })[] = []
    for (const each of counts) {
      const times = await queries.addCount(tx, each)
      const limit = limits[each.kind]
      // It only grows, so that it comes past its limit once.
      if (limit != null && times >= limit && times - each.count < limit) reached.push({ ...each, times })
    }
    const seats = new Map((reached.length > 0 && !isAccounts
      ? await queries.listSeats(tx, chainId, reached.map(({ subjectId }) => subjectId))
      : []).map(seat => [seat.userId, seat]))
    return reached.flatMap(({ kind, subjectId, times }) => {
      const workspaceId = chainId
      const name = events.findLast(({ subject }) => subject.id === subjectId)?.subject.name ?? ''
      if (kind === 'account_refusals') {
        return [
          watchAccountRefusals({
            subject: { kind: 'user', id: subjectId, name },
            details: { times },
          }),
        ]
      }
      if (kind === 'link_refusals') {
        return [
          watchLinkRefusals({
            workspaceId,
            subject: { kind: 'link', id: subjectId, name },
            details: { times },
          }),
        ]
      }
      // Whoever took what they wanted and left before anybody looked is told of all the more.
      const seat = seats.get(subjectId) ?? { id: null, name: events.findLast(({ actor }) => actor.id === subjectId)?.actor.name ?? '' }
      return [
        (kind === 'downloads'
          ? watchDownloads
          : watchDeletions)({
          workspaceId,
          subject: { kind: 'member', id: seat.id, name: seat.name },
          details: { userId: subjectId, times },
        }),
      ]
    })
  }

  async function newNetworks(tx: Tx, events: readonly ToldRow[]): Promise<NewAuditEvent[]> {
    const found: NewAuditEvent[] = []
    for (const { action, subject, details, origin, at } of events) {
      const network = placeOfAddress(origin.ip)
      if (action !== sessionStarted.action || network === undefined || subject.id === null) continue
      const userId = subject.id
      const managed = await queries.findManaged(tx, userId)
      if (!managed || (!managed.isOperator && managed.seats.length === 0)) continue
      if (!await queries.noteNetwork(tx, {
        userId,
        network,
        at,
        sessionId: details.sessionId as string,
      })) {
        continue
      }
      const { name, isOperator, seats } = managed
      if (isOperator) {
        found.push(watchOperatorNetwork({
          subject: { kind: 'user', id: userId, name },
          details: { userId, network },
        }))
      }
      found.push(...seats.map(({ id, workspaceId }) => watchNetwork({
        workspaceId,
        subject: { kind: 'member', id, name },
        details: { userId, network },
      })))
    }
    return found
  }

  return {
    async look(tx, events) {
      const found = [
        ...await tooMany(tx, events),
        ...await newNetworks(tx, events),
      ]
      if (found.length > 0) await audit.record(tx, systemCaller, ...found)
    },

    thresholds: ({ workspaceId }) => queries.findThresholds(db, workspaceId),

    async setThresholds(caller, { workspaceId }, thresholds) {
      await db.transaction(async (tx) => {
        const { name, ...before } = await queries.lockThresholds(tx, workspaceId)
        const { refusals, downloads, deletions } = thresholds
        if (before.refusals === refusals && before.downloads === downloads && before.deletions === deletions) return
        await queries.setThresholds(tx, workspaceId, thresholds)
        await audit.record(tx, caller, workspaceWatchChanged({
          workspaceId,
          subject: { kind: 'workspace', id: workspaceId, name },
          details: {
            refusals: { from: before.refusals, to: refusals },
            downloads: { from: before.downloads, to: downloads },
            deletions: { from: before.deletions, to: deletions },
          },
        }))
      })
      return queries.findThresholds(db, workspaceId)
    },

  }
}
