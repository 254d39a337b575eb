import type { Db } from '../../db/database.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AnnouncementMails } from './announcement-mail.ts'
import type { AnnouncementKind } from './consents.policy.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { outcomeOf } from './announcements.policy.ts'
import * as queries from './announcements.queries.ts'

/** So many mails a transaction writes. */
const MAILS_AT_ONCE = 200

/** Sent when an announcement is started; and each minute, for what begins then and for what has room by then. */
export const announcementsJob = defineJob<object>({
  name: 'announcements.queue',
  expireInSeconds: 600,
  retryLimit: 2,
  cron: '* * * * *',
  exclusive: true,
})

/** How the keys of a person's mails of a kind begin. */
export const keysOfAnnouncements = (kind: AnnouncementKind, userId: string): string => `announcement:${kind}:${userId}:`

/** How what was started comes into the outbox. */
export interface AnnouncementsSending {
  /** Writes mails into the outbox, as many as there is room for, and notes how it ended for those of which none waits. */
  queueDue: (signal: AbortSignal) => Promise<void>
  /** What is not yet in the outbox as a whole does not go on: a restored copy writes to nobody. */
  endPending: () => Promise<void>
}

export function createAnnouncementsSending({ db, clock, mail, mails, senderName }: { db: Db, clock: () => Date, mail: Mailer, mails: AnnouncementMails, senderName: () => Promise<string> }): AnnouncementsSending {
  /** @returns whether it may go on at once */
  const queueSome = (id: string, sender: string) => db.transaction(async (tx): Promise<boolean> => {
    const row = await queries.lockAnnouncement(tx, id)
    if (row?.state !== 'started' || row.queuedAt || row.startsAt! > clock()) return false
    const limit = Math.min(MAILS_AT_ONCE, await mail.roomForMany(tx))
    if (limit === 0) return false
    const people = await queries.nextConcerned(tx, row, limit)
    const taken = await mails.queue(tx, row, sender, people.map(person => ({
      ...person,
      key: `${keysOfAnnouncements(row.kind, person.id)}${id}`,
      groupId: id,
    })))
    const isLast = people.length < limit
    await queries.changeAnnouncement(tx, id, {
      queuedTo: people.at(-1)?.id ?? row.queuedTo,
      queuedAt: isLast
        ? clock()
        : null,
      unmailable: row.unmailable + people.length - taken,
    })
    return !isLast
  })

  return {
    async queueDue(signal) {
      const sender = await senderName()
      for (const id of await queries.listToQueue(db, clock())) {
        while (!signal.aborted && await queueSome(id, sender));
      }
      const ended = await queries.listToSettle(db)
      const counts = await mail.countGroups(db, ended.map(({ id }) => id))
      for (const row of ended) {
        const count = counts.get(row.id)!
        if (count.waiting === 0) {
          await queries.changeAnnouncement(db, row.id, {
            outcome: outcomeOf(row, count),
          })
        }
      }
    },

    endPending: () => queries.endPending(db, clock()),
  }
}
