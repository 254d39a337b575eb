import type { Db } from '../../db/database.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { Unsubscribing } from './notifications.schemas.ts'
import { notFound } from '../../errors/common-errors.ts'
import { keysOf } from './notification-mail.ts'
import { channelOf, chosenTypes, mailKindOf } from './notification-rules.ts'
import { newsMail } from './notifications.mails.ts'
import * as preferenceQueries from './preferences.queries.ts'
import { readUnsubscribeToken } from './unsubscribe-token.ts'

/** What whoever holds a mail may do without signing in: end mails of its kind, and begin them again. */
export interface UnsubscribeService {
  /** Changes nothing: programs look at links in mails. @throws {AppError} `not_found` */
  show: (token: string) => Promise<Unsubscribing>
  /** @throws {AppError} `not_found` */
  set: (token: string, isOn: boolean) => Promise<Unsubscribing>
}

export function createUnsubscribeService({ db, mail, unsubscribeKey }: { db: Db, mail: Pick<Mailer, 'withdrawAll'>, unsubscribeKey: Buffer }): UnsubscribeService {
  async function read(token: string) {
    const named = readUnsubscribeToken(unsubscribeKey, token)
    if (!named || !await preferenceQueries.findReader(db, named.userId)) throw notFound('This link does not belong to a mail of ours')
    return named
  }

  async function show(token: string): Promise<Unsubscribing> {
    const { userId, kind } = await read(token)
    const stops = await preferenceQueries.listStops(db, userId)
    const choices = await preferenceQueries.listChoices(db, userId)
    const wanted = new Set(chosenTypes.flatMap(type => mailKindOf(type, channelOf(choices, type, null)) ?? []))
    return {
      kind,
      isOn: !stops.includes(kind),
      others: [...wanted].filter(each => each !== kind && !stops.includes(each)),
    }
  }

  return {
    show,
    async set(token, isOn) {
      const { userId, kind } = await read(token)
      await db.transaction(async (tx) => {
        await preferenceQueries.setStopped(tx, userId, kind, !isOn)
        if (!isOn) await mail.withdrawAll(tx, newsMail, keysOf(userId, kind))
      })
      return show(token)
    },
  }
}
