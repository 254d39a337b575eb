import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { IncomingReply } from '../../mail/replies.ts'
import type { ConsentsService } from '../announcements/consents.service.ts'
import type { Unsubscribing } from './notifications.schemas.ts'
import { AppError } from '../../errors/app-error.ts'
import { notFound } from '../../errors/common-errors.ts'
import { UNSUBSCRIBE_TAG } from '../../mail/transport.ts'
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
  /** By a mail to the address that `List-Unsubscribe` names; who sent it does not matter, as with the link. */
  takeReply: (reply: Pick<IncomingReply, 'tag' | 'subject'>) => Promise<boolean>
  /** What a mail of this kind names to this person. */
  pathOf: (userId: string, kind: string) => string
}

/** Whoever holds the mail. */
const byMail: Caller = {
  actor: { kind: 'visitor', id: null, name: '' },
  origin: { via: 'link', ip: null, userAgent: null },
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

  const service: UnsubscribeService = {
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
    async takeReply({ tag, subject }) {
      if (tag !== UNSUBSCRIBE_TAG) return false
      const token = subject.trim()
      if (readUnsubscribeToken(unsubscribeKey, token)) {
        await service.set(byMail, token, false).catch((error: unknown) => {
          if (!(error instanceof AppError && error.code === notFound.code)) throw error
        })
      }
      return true
    },
    pathOf: (userId, kind) => `/unsubscribe/${unsubscribeToken(unsubscribeKey, { userId, kind })}`,
  }
  return service
}
