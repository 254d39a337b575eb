import type { Db, Tx } from '../../db/database.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { NewsView } from './news-view.ts'
import type { MailedLine } from './notifications.mails.ts'
import type { ListedLine } from './notifications.queries.ts'
import type { Notification } from './notifications.schemas.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { mailLanguageOf } from '../../mail/define-mail.ts'
import { channelOf, ESSENTIAL_MAIL, mailKindOf } from './notification-rules.ts'
import { accountNewsMail, MAILED_LINES, newsMail } from './notifications.mails.ts'
import * as queries from './notifications.queries.ts'
import * as preferenceQueries from './preferences.queries.ts'

const PEOPLE_AT_ONCE = 100
/** Of one person, looked at for one mail; what is left waits for the next. */
const MOST_LINES = 200
const MOST_EVENTS = 20
/** Older news is no news. */
const USEFUL_MS = 2 * 86_400_000

/** Sent with what is told, for when its mail leaves; and each minute, for digests and what has to be tried again. */
export const mailNewsJob = defineJob<object>({
  name: 'notifications.mail',
  expireInSeconds: 900,
  retryLimit: 2,
  cron: '* * * * *',
})

/** How the keys of a person's mails begin: of one kind, or of all. */
export const keysOf = (userId: string, kind?: string): string => `notifications:${userId}:${kind === undefined
  ? ''
  : `${kind}:`}`

const mailedLine = (reader: preferenceQueries.Reader, { type, count, actor, subject, place, workspace, details }: Notification): MailedLine => ({
  type,
  count,
  actor: actor.name,
  subject: subject.name,
  place: place?.name ?? '',
  workspace: workspace?.name ?? '',
  ...workspace && { workspaceId: workspace.id },
  isAboutYou: details.userId === reader.id,
  ...typeof details.percent === 'number' && { amount: details.percent },
  ...typeof details.times === 'number' && { amount: details.times },
  ...typeof details.expiresAt === 'string' && { expiresAt: details.expiresAt },
})

export interface NotificationMail {
  /** Queues every mail that is due: of each person one for each type that they want at once, one for the day and one for the week. */
  sendDue: (signal: AbortSignal) => Promise<void>
}

export function createNotificationMail({ db, clock, mail, view, unsubscribePath, log }: {
  db: Db
  clock: () => Date
  mail: Mailer
  view: NewsView
  unsubscribePath: (userId: string, kind: string) => string
  log: { error: (fields: object, message: string) => void }
}): NotificationMail {
  /** @param told what the person may see of the rows, by the lines' ids */
  async function queueOne(reader: preferenceQueries.Reader, kind: string | undefined, rows: readonly ListedLine[], told: ReadonlyMap<string, Notification>): Promise<void> {
    await db.transaction(async (tx) => {
      const taken = await queries.takeWaiting(tx, reader.id, rows.map(({ lineId, count, mailAt }) => ({ lineId, count, mailAt })))
      if (kind === ESSENTIAL_MAIL) {
        await queueEssential(tx, reader, rows.filter(({ lineId }) => taken.has(lineId)), told)
        return
      }
      if (kind === undefined || (await preferenceQueries.listStops(tx, reader.id)).includes(kind)) return
      const lines = rows.flatMap(({ lineId, count, mailed, mailAt, readAt }) => {
        const news = told.get(lineId)
        const fresh = Math.min(count - mailed, news?.count ?? 0)
        // Whoever has read it in the app needs no mail.
        return news && readAt === null && fresh > 0 && taken.has(lineId)
          ? [
              { ...news, count: fresh, mailAt },
            ]
          : []
      })
      const [first] = lines
      if (!first) return
      const names = new Set(lines.map(({ workspace }) => workspace?.name))
      const [alone] = names
      await mail.queue(tx, newsMail, {
        key: `${keysOf(reader.id, kind)}${first.id}:${first.mailAt!.toISOString()}`,
        to: { address: reader.email, name: reader.name },
        language: mailLanguageOf(reader.locale),
        sender: names.size === 1 && alone !== undefined
          ? alone
          : await queries.findInstanceName(tx),
        data: {
          rhythm: kind === 'daily' || kind === 'weekly'
            ? kind
            : 'at-once',
          lines: lines.slice(0, MAILED_LINES).map(line => mailedLine(reader, line)),
          more: Math.max(0, lines.length - MAILED_LINES),
        },
        secrets: {
          unsubscribePath: unsubscribePath(reader.id, kind),
        },
        usefulUntil: new Date(clock().getTime() + USEFUL_MS),
      })
    })
  }

  /** Each by itself, whether or not it was read in the app. */
  async function queueEssential(tx: Tx, reader: preferenceQueries.Reader, rows: readonly ListedLine[], told: ReadonlyMap<string, Notification>): Promise<void> {
    const sender = await queries.findInstanceName(tx)
    for (const { lineId, mailAt } of rows) {
      const news = told.get(lineId)
      if (!news) continue
      await mail.queue(tx, accountNewsMail, {
        key: `${keysOf(reader.id, ESSENTIAL_MAIL)}${lineId}:${mailAt!.toISOString()}`,
        to: { address: reader.email, name: reader.name },
        language: mailLanguageOf(reader.locale),
        sender,
        data: {
          line: mailedLine(reader, news),
          at: news.at,
          ip: typeof news.details.ip === 'string'
            ? news.details.ip
            : null,
          device: typeof news.details.device === 'string'
            ? news.details.device
            : null,
        },
        secrets: {},
        usefulUntil: new Date(clock().getTime() + USEFUL_MS),
      })
    }
  }

  async function mailTo(userId: string): Promise<void> {
    const reader = await preferenceQueries.findReader(db, userId)
    if (!reader) return
    const now = clock()
    // What is due first is looked at first, and told newest first.
    const rows = (await queries.listLines(db, userId, { waiting: true }, { limit: MOST_LINES, most: MOST_EVENTS })).sort((one, other) => other.at.getTime() - one.at.getTime())
    const choices = await preferenceQueries.listChoices(db, userId)
    const presented = reader.disabledAt
      ? []
      : await view.present({ userId, isOperator: reader.isOperator, lacksFactor: reader.lacksFactor }, rows)
    const told = new Map(presented.flatMap(news => news
      ? [
          [news.id, news] as const,
        ]
      : []))
    for (const [kind, own] of Map.groupBy(rows, ({ line }) => mailKindOf(line.type, channelOf(choices, line.type, line.workspaceId)))) {
      // Of a kind of which something is due, all goes along.
      if (own.some(({ mailAt }) => mailAt! <= now)) await queueOne(reader, kind, own, told)
    }
  }

  return {
    async sendDue(signal) {
      const failed = new Set<string>()
      for (;;) {
        const due = (await queries.listDue(db, clock(), PEOPLE_AT_ONCE + failed.size)).filter(userId => !failed.has(userId))
        if (due.length === 0) return
        for (const userId of due) {
          if (signal.aborted) return
          try {
            await mailTo(userId)
          }
          catch (error) {
            // The others get theirs; this one is tried again in a minute.
            failed.add(userId)
            log.error({ err: error, userId }, 'a mail of news could not be queued')
          }
        }
      }
    },
  }
}
