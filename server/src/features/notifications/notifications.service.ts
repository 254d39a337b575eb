import type { Db, Tx } from '../../db/database.ts'
import type { SignedIn } from '../../http/caller.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AccessService } from '../access/access.service.ts'
import type { ToldRow } from '../audit/audit-readers.service.ts'
import type { NewsView } from './news-view.ts'
import type { MailTime, NewLine, NewNews, NewsFilter } from './notifications.queries.ts'
import type { NotificationPage, NotificationPreferences, PreferencesChange } from './notifications.schemas.ts'
import { requestInvalid } from '../../errors/common-errors.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { publishLive } from '../../live/live-bus.ts'
import { memberEnded, userChanged } from '../audit/audit.actions.ts'
import { INSTANCE_CHAIN } from '../audit/audit.service.ts'
import { deviceName } from './device-name.ts'
import { GATHERED_MS, mailTime } from './mail-times.ts'
import { personOf } from './news-view.ts'
import { keysOf, mailNewsJob } from './notification-mail.ts'
import { channelOf, channels, chosenTypes, endsMails, notificationTypes, ruleOf } from './notification-rules.ts'
import { newsMail } from './notifications.mails.ts'
import * as queries from './notifications.queries.ts'
import * as preferenceQueries from './preferences.queries.ts'

/** More unread lines are not counted. */
export const MOST_UNREAD = 100
const HOUR_MS = 3_600_000
const DEFAULT_LIMIT = 20
/** Of a line that tells of more, so many are looked at: whether one may see them, and what they are called. */
const MOST_EVENTS = 20
const SAME_MS = 10_000

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
  setPreferences: (userId: string, change: PreferencesChange) => Promise<NotificationPreferences>
}

export function createNotificationsService({ db, clock, newId, access, view, jobs, mail }: {
  db: Db
  clock: () => Date
  newId: () => string
  access: AccessService
  view: NewsView
  jobs: Pick<JobQueue, 'send'>
  mail: Pick<Mailer, 'canSend' | 'withdrawAll' | 'withdrawLines'>
}): NotificationsService {
  async function mailTimes(tx: Tx, workspaceId: string | null, news: readonly NewNews[]): Promise<MailTime[]> {
    if (!mail.canSend) return []
    const now = clock()
    return (await preferenceQueries.listRhythms(tx, workspaceId, news.flatMap(({ personId }) => personId ?? []))).flatMap(rhythm => channels.flatMap((channel) => {
      const at = mailTime(channel, rhythm, now)
      return at
        ? [
            { rhythm: rhythm.key, channel, at },
          ]
        : []
    }))
  }

  async function preferences(userId: string): Promise<NotificationPreferences> {
    const own = new Set((await access.seatsOf(userId)).map(({ workspaceId }) => workspaceId))
    const choices = await preferenceQueries.listChoices(db, userId)
    const { digestHour, quietFrom, quietUntil } = (await preferenceQueries.findReader(db, userId))!
    return {
      choices: choices.filter(({ workspaceId }) => workspaceId == null || own.has(workspaceId)).map(({ type, workspaceId, channel }) => ({ type, workspaceId: workspaceId ?? null, channel })),
      digestHour,
      quietHours: quietFrom === null || quietUntil === null
        ? null
        : { from: quietFrom, until: quietUntil },
      unsubscribed: await preferenceQueries.listStops(db, userId),
      defaults: Object.fromEntries(chosenTypes.map(type => [type, ruleOf(type).channel])),
      canMail: mail.canSend,
    }
  }

  /** What waits for a mail waits until when the person wants it now. */
  async function reschedule(tx: Tx, userId: string): Promise<void> {
    const reader = (await preferenceQueries.findReader(tx, userId))!
    const choices = await preferenceQueries.listChoices(tx, userId)
    const waiting = await queries.listWaiting(tx, userId)
    const now = clock()
    for (const [channel, rows] of Map.groupBy(waiting, ({ type, workspaceId }) => channelOf(choices, type, workspaceId))) {
      await queries.rescheduleMails(tx, userId, rows.map(({ lineId }) => lineId), mailTime(channel, reader, now) ?? null)
    }
  }

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

  return {
    async tell(tx, events) {
      const { chainId } = events[0]!
      const ended = events.filter(({ action }) => action === memberEnded.action).map(({ details }) => details.userId as string)
      if (ended.length > 0) await queries.forgetIn(tx, chainId, ended)
      const endedMails = events.flatMap(({ action, subject }) => endsMails.some(each => each.action === action)
        ? subject.id!
        : [])
      if (ended.length > 0) await mail.withdrawLines(tx, newsMail, { workspaceId: chainId }, ...ended.map(userId => keysOf(userId)))
      if (endedMails.length > 0) await mail.withdrawAll(tx, newsMail, ...endedMails.map(userId => keysOf(userId)))
      const lines = new Map<string, NewLine>()
      const news: NewNews[] = []
      for (const event of events) {
        if (event.action === userChanged.action) {
          if ('timeZone' in event.details) await reschedule(tx, event.subject.id!)
          continue
        }
        if (!notificationTypes.includes(event.action)) continue
        const { concerns, details, channel, isEssential = false, only, ofInstance = false } = ruleOf(event.action)
        if ((only && !only(event.details)) || (ofInstance && chainId !== INSTANCE_CHAIN)) continue
        const line = lineOf(event)
        lines.set(line.key, line)
        news.push({
          key: line.key,
          seq: event.seq,
          at: event.at,
          subjectKind: event.subject.kind,
          subjectId: event.subject.id,
          subjectName: event.subject.name,
          details: {
            ...Object.fromEntries(details.filter(name => name in event.details).map(name => [name, event.details[name]])),
            // From where and by what, for somebody who asks whether it was they.
            ...isEssential && (event.actor.kind === 'visitor' || event.actor.id === event.subject.id) && {
              ip: event.origin.ip,
              device: deviceName(event.origin.userAgent),
            },
          },
          concerns,
          channel,
          isEssential,
          personId: personOf(event.subject, event.details),
        })
      }
      if (news.length === 0) return
      const workspaceId = chainId === INSTANCE_CHAIN
        ? null
        : chainId
      const { userIds, mailAt } = await queries.tell(tx, workspaceId, [
        ...lines.values(),
      ], news, await mailTimes(tx, workspaceId, news), mail.canSend
        ? clock()
        : null)
      if (userIds.length > 0) await publishLive(tx, { topic: 'notifications', userIds })
      if (mailAt === null) return
      const waitMs = mailAt.getTime() - clock().getTime()
      // What is about somebody's account waits for nothing. What is due later, the job of that minute finds; what comes in the same seconds needs one job.
      const together = Math.ceil(mailAt.getTime() / SAME_MS)
      if (waitMs <= 0) {
        await jobs.send(tx, mailNewsJob, {})
      }
      else if (waitMs <= GATHERED_MS) {
        await jobs.send(tx, mailNewsJob, {}, {
          startAfterSeconds: Math.max(0, Math.ceil((together * SAME_MS - clock().getTime()) / 1000)),
          once: `${mailNewsJob.name} ${together}`,
        })
      }
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
      const told = await view.present(signedIn, page)
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

    preferences,

    async setPreferences(userId, change) {
      const own = new Set((await access.seatsOf(userId)).map(({ workspaceId }) => workspaceId))
      const seen = new Set<string>()
      const fields = change.choices.flatMap(({ type, workspaceId }, index) => {
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
      await db.transaction(async (tx) => {
        await preferenceQueries.replaceChoices(tx, userId, change.choices)
        await preferenceQueries.putRhythm(tx, userId, {
          digestHour: change.digestHour,
          quietFrom: change.quietHours?.from ?? null,
          quietUntil: change.quietHours?.until ?? null,
        })
        await preferenceQueries.replaceStops(tx, userId, change.unsubscribed)
        await mail.withdrawAll(tx, newsMail, ...change.unsubscribed.map(kind => keysOf(userId, kind)))
        await reschedule(tx, userId)
      })
      return preferences(userId)
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
