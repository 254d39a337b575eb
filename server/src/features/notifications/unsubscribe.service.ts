import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { ConsentsService } from '../announcements/consents.service.ts'
import type { Unsubscribing } from './notifications.schemas.ts'
import { notFound } from '../../errors/common-errors.ts'
import { needsConsent } from '../announcements/consents.policy.ts'
import { keysOf } from './notification-mail.ts'
import { channelOf, chosenTypes, mailKindOf } from './notification-rules.ts'
import { newsMail } from './notifications.mails.ts'
import * as preferenceQueries from './preferences.queries.ts'
import { readUnsubscribeToken, unsubscribeToken } from './unsubscribe-token.ts'

/** What whoever holds a mail may do without signing in: end mails of its kind, and begin them again. */
export interface UnsubscribeService {
  /** Changes nothing: programs look at links in mails. @throws {AppError} `not_found` */
  show: (token: string) => Promise<Unsubscribing>
  /** Of announcements it withdraws the consent, or gives it again. @throws {AppError} `not_found` */
  set: (caller: Caller, token: string, isOn: boolean) => Promise<Unsubscribing>
  /** What a mail of this kind names to this person. */
  pathOf: (userId: string, kind: string) => string
}

export function createUnsubscribeService({ db, mail, consents, unsubscribeKey }: { db: Db, mail: Pick<Mailer, 'withdrawAll'>, consents: ConsentsService, unsubscribeKey: Buffer }): UnsubscribeService {
  async function read(token: string) {
    const named = readUnsubscribeToken(unsubscribeKey, token)
    const person = named && await preferenceQueries.findReader(db, named.userId)
    if (!person) throw notFound('This link does not belong to a mail of ours')
    return { ...named, name: person.name }
  }

  async function show(token: string): Promise<Unsubscribing> {
    const { userId, kind } = await read(token)
    const stops = await preferenceQueries.listStops(db, userId)
    const choices = await preferenceQueries.listChoices(db, userId)
    const agreed = (await consents.list(userId)).filter(({ isGiven }) => isGiven).map(consent => consent.kind)
    const wanted = new Set<string>([
      ...chosenTypes.flatMap(type => mailKindOf(type, channelOf(choices, type, null)) ?? []).filter(each => !stops.includes(each)),
      ...agreed,
    ])
    return {
      kind,
      isOn: needsConsent(kind)
        ? agreed.includes(kind)
        : !stops.includes(kind),
      others: [...wanted].filter(each => each !== kind),
    }
  }

  return {
    show,
    async set(caller, token, isOn) {
      const { userId, kind, name } = await read(token)
      await (needsConsent(kind)
        ? consents.set(caller, { id: userId, name }, { kind, isGiven: isOn, source: 'mail_link' })
        : db.transaction(async (tx) => {
            await preferenceQueries.setStopped(tx, userId, kind, !isOn)
            if (!isOn) await mail.withdrawAll(tx, newsMail, keysOf(userId, kind))
          }))
      return show(token)
    },
    pathOf: (userId, kind) => `/unsubscribe/${unsubscribeToken(unsubscribeKey, { userId, kind })}`,
  }
}
