import type { Db, Tx } from '../../db/database.ts'
import type { SignedIn } from '../../http/caller.ts'
import type { AccessService, Member } from '../access/access.service.ts'
import type { ToldRow } from '../audit/audit-readers.service.ts'
import type { Concerned } from '../audit/define-action.ts'
import type { LinksService } from '../links/links.service.ts'
import type { ListedLine, NewLine, NewNews, NewsFilter, ToldNews } from './notifications.queries.ts'
import type { Notification, NotificationPage, NotificationPreferences } from './notifications.schemas.ts'
import { requestInvalid } from '../../errors/common-errors.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { publishLive } from '../../live/live-bus.ts'
import { mayInWorkspace } from '../access/access.policy.ts'
import { memberEnded } from '../audit/audit.actions.ts'
import { INSTANCE_CHAIN } from '../audit/audit.service.ts'
import { NOTIFICATIONS_KEPT_DAYS, ruleOf } from './notification-rules.ts'
import * as queries from './notifications.queries.ts'

/** More unread lines are not counted. */
export const MOST_UNREAD = 100
const HOUR_MS = 3_600_000
const DEFAULT_LIMIT = 20
/** Of a line that tells of more, so many are looked at: whether one may see them, and what they are called. */
const MOST_EVENTS = 20
const DELETED_AT_ONCE = 1000

export interface NewsQuery extends Omit<NewsFilter, 'before'> { limit?: number, cursor?: string }

export interface NotificationsService {
  /** What the reader of the log does with the events of one chain. */
  tell: (tx: Tx, events: readonly ToldRow[]) => Promise<void>
  /**
   * Newest first, without what the person may not see any more: that is no news of theirs from then on. So a page may be short although more follow.
   */
  list: (signedIn: SignedIn, query: NewsQuery) => Promise<NotificationPage>
  /** As far as the person has looked: what they may not see any more counts until then. */
  countUnread: (userId: string) => Promise<{ unreadCount: number }>
  /** Of the person's, those named or all. */
  setRead: (userId: string, ids: readonly string[] | 'all', isRead: boolean) => Promise<void>
  preferences: (userId: string) => Promise<NotificationPreferences>
  /** @throws {AppError} `request.invalid` for one choice twice, or a workspace that is not the person's */
  setPreferences: (userId: string, preferences: NotificationPreferences) => Promise<NotificationPreferences>
  /** Deletes what is older than `NOTIFICATIONS_KEPT_DAYS`. */
  cleanUp: (signal: AbortSignal) => Promise<void>
}

/** Who looks, and what of all that a page tells of they may see now. */
interface Viewer {
  signedIn: SignedIn
  seats: ReadonlyMap<string, Member>
  /** Files, folders and links, with their names of now. */
  seen: ReadonlyMap<string, string>
}

export function createNotificationsService({ db, clock, newId, access, links }: {
  db: Db
  clock: () => Date
  newId: () => string
  access: AccessService
  links: Pick<LinksService, 'filterSeen'>
}): NotificationsService {
  function lineOf(event: ToldRow): NewLine {
    const { chainId, actor, subject, details, at } = event
    const type = event.action
    const place = ruleOf(type).gathers === 'place'
      ? placeOf(details)
      : undefined
    const where = {
      place: place?.id,
      subject: subject.id,
      kind: details.kind,
    }[ruleOf(type).gathers]
    return {
      id: newId(),
      key: [
        chainId,
        type,
        actor.id ?? actor.kind,
        where ?? '',
        Math.floor(at.getTime() / HOUR_MS),
      ].join(' '),
      workspaceId: chainId === INSTANCE_CHAIN
        ? null
        : chainId,
      type,
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: actor.name,
      placeId: place?.id ?? null,
      placeName: place?.name ?? null,
      lastAt: at,
    }
  }

  async function look(signedIn: SignedIn, lines: readonly ListedLine[]): Promise<Viewer> {
    const seats = new Map((await access.seatsOf(signedIn.userId)).map(seat => [seat.workspaceId, seat]))
    const subjects = (...kinds: string[]) => [
      ...new Set(lines.flatMap(({ events }) => events.flatMap(({ subjectKind, subjectId }) => subjectId !== null && kinds.includes(subjectKind)
        ? subjectId
        : []))),
    ]
    const items = await access.filterItems(signedIn.userId, [
      ...new Set([
        ...subjects('file', 'folder'),
        ...lines.flatMap(({ line }) => line.placeId ?? []),
      ]),
    ], { action: 'see', trashed: true })
    const linkIds = subjects('link')
    const seenLinks = linkIds.length === 0
      ? []
      : (await Promise.all([
          ...seats.values(),
        ].filter(({ role }) => mayInWorkspace(role, 'links.see')).map(seat => links.filterSeen(seat, linkIds)))).flat()
    return {
      signedIn,
      seats,
      seen: new Map([
        ...items,
        ...seenLinks,
      ].map(({ id, name }) => [id, name])),
    }
  }

  return {
    async tell(tx, events) {
      const { chainId } = events[0]!
      const ended = events.filter(({ action }) => action === memberEnded.action).map(({ details }) => details.userId as string)
      if (ended.length > 0) await queries.forgetIn(tx, chainId, ended)
      const lines = new Map<string, NewLine>()
      const news: NewNews[] = []
      for (const event of events) {
        const line = lineOf(event)
        lines.set(line.key, line)
        const { concerns, details } = ruleOf(line.type)
        news.push({
          key: line.key,
          seq: event.seq,
          at: event.at,
          subjectKind: event.subject.kind,
          subjectId: event.subject.id,
          subjectName: event.subject.name,
          details: Object.fromEntries(details.filter(name => name in event.details).map(name => [name, event.details[name]])),
          concerns,
          personId: personOf(event.subject, event.details),
        })
      }
      const userIds = await queries.tell(tx, lines.size > 0 && chainId !== INSTANCE_CHAIN
        ? chainId
        : null, [
        ...lines.values(),
      ], news)
      if (userIds.length > 0) await publishLive(tx, { topic: 'notifications', userIds })
    },

    async list(signedIn, { limit = DEFAULT_LIMIT, cursor, ...filter }) {
      const [at, lineId] = (decodeCursor(cursor, ['instant', 'id']) ?? []) as [string?, string?]
      const rows = await queries.listLines(db, signedIn.userId, {
        ...filter,
        before: at === undefined
          ? undefined
          : {
              at: new Date(at),
              lineId: lineId!,
            },
      }, { limit: limit + 1, most: MOST_EVENTS })
      const page = rows.slice(0, limit)
      const viewer = await look(signedIn, page)
      const told = page.map(row => present(row, viewer))
      const hidden = page.filter((_row, index) => told[index] === undefined).map(row => row.lineId)
      if (hidden.length > 0) await queries.forget(db, signedIn.userId, hidden)
      const last = page.at(-1)
      return {
        items: told.filter(each => each !== undefined),
        nextCursor: rows.length > limit && last
          ? encodeCursor([
              last.at.toISOString(),
              last.lineId,
            ])
          : null,
        unreadCount: await queries.countUnread(db, signedIn.userId, MOST_UNREAD),
      }
    },

    countUnread: async userId => ({
      unreadCount: await queries.countUnread(db, userId, MOST_UNREAD),
    }),

    setRead: (userId, ids, isRead) => db.transaction(async (tx) => {
      const changed = await queries.setRead(tx, userId, ids, isRead
        ? clock()
        : null)
      // Their other windows show it too.
      if (changed) {
        await publishLive(tx, {
          topic: 'notifications',
          userIds: [userId],
        })
      }
    }),

    async preferences(userId) {
      const own = new Set((await access.seatsOf(userId)).map(({ workspaceId }) => workspaceId))
      const choices = await queries.listChoices(db, userId)
      return {
        choices: choices.filter(({ workspaceId }) => workspaceId == null || own.has(workspaceId)).map(({ type, workspaceId, channel }) => ({ type, workspaceId: workspaceId ?? null, channel })),
      }
    },

    async setPreferences(userId, preferences) {
      const own = new Set((await access.seatsOf(userId)).map(({ workspaceId }) => workspaceId))
      const seen = new Set<string>()
      const fields = preferences.choices.flatMap(({ type, workspaceId }, index) => {
        const problem = workspaceId !== null && !own.has(workspaceId)
          ? 'is of no workspace of yours'
          : seen.has(`${type} ${workspaceId}`)
            ? 'is there twice'
            : undefined
        seen.add(`${type} ${workspaceId}`)
        return problem === undefined
          ? []
          : [
              { pointer: `/choices/${index}`, detail: problem },
            ]
      })
      if (fields.length > 0) throw requestInvalid({ detail: 'A choice is for a type, in a workspace of yours or everywhere, once', fields })
      await db.transaction(tx => queries.replaceChoices(tx, userId, preferences.choices))
      return preferences
    },

    async cleanUp(signal) {
      const before = new Date(clock().getTime() - NOTIFICATIONS_KEPT_DAYS * 24 * HOUR_MS)
      let deleted = DELETED_AT_ONCE
      while (!signal.aborted && deleted === DELETED_AT_ONCE) deleted = await queries.deleteOld(db, before, DELETED_AT_ONCE)
    },
  }
}

/** Where something was brought, or taken away from. */
function placeOf({ parentId, parentName, fromId, from }: ToldRow['details']): { id: string, name: string } | undefined {
  const [id, name] = typeof fromId === 'string'
    ? [fromId, from]
    : [parentId, parentName]
  return typeof id === 'string'
    ? {
        id,
        name: typeof name === 'string'
          ? name
          : '',
      }
    : undefined
}

const personOf = (subject: { kind: string, id: string | null }, details: Record<string, unknown>): string | null =>
  typeof details.userId === 'string'
    ? details.userId
    : subject.kind === 'user'
      ? subject.id
      : null

/** Whether an event is still for somebody: the same question as when it was told (`queries.tell`), asked again. */
const stillConcerns: Record<Concerned, (viewer: Viewer, line: ListedLine['line'], event: ToldNews) => boolean> = {
  readers: ({ seen }, _line, { subjectId }) => seen.has(subjectId ?? ''),
  uploader: ({ seen }, _line, { subjectId }) => seen.has(subjectId ?? ''),
  sharer: ({ seen }, _line, { subjectId }) => seen.has(subjectId ?? ''),
  admins: ({ seats }, { workspaceId }) => {
    const seat = seats.get(workspaceId ?? '')
    return seat !== undefined && mayInWorkspace(seat.role, 'members.manage')
  },
  owners: ({ seats }) => [
    ...seats.values(),
  ].some(({ role }) => role === 'owner'),
  operators: ({ signedIn }) => signedIn.isOperator,
  person: ({ signedIn }, _line, { subjectKind, subjectId, details }) => personOf({ kind: subjectKind, id: subjectId }, details) === signedIn.userId,
}

/** Undefined when there is nothing in it that the person may see. */
function present({ lineId, at, count, readAt, line, workspace, events }: ListedLine, viewer: Viewer): Notification | undefined {
  const seen = events.filter(event => ruleOf(line.type).concerns.some(audience => stillConcerns[audience](viewer, line, event)))
  const [newest] = seen
  if (!newest) return undefined
  const { subjectKind, subjectId, subjectName, details } = newest
  const { placeId, placeName } = line
  return {
    id: lineId,
    type: line.type,
    at: at.toISOString(),
    isRead: readAt !== null,
    count: seen.length < events.length
      ? Math.min(count, seen.length)
      : count,
    workspace,
    actor: { kind: line.actorKind, id: line.actorId, name: line.actorName },
    subject: {
      kind: subjectKind as Notification['subject']['kind'],
      id: subjectId,
      // A link is called by what it leads to, which may have changed.
      name: subjectKind === 'link'
        ? viewer.seen.get(subjectId ?? '') ?? subjectName
        : subjectName,
    },
    place: placeId !== null && placeName !== null && viewer.seen.has(placeId)
      ? { id: placeId, name: placeName }
      : null,
    details,
  }
}
