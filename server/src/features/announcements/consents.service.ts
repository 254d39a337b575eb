import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { Consent } from './announcements.schemas.ts'
import type { ConsentKind, ConsentSource } from './consents.policy.ts'
import { userConsentGiven, userConsentWithdrawn } from '../audit/audit.actions.ts'
import { announcementNewsMail } from './announcements.mails.ts'
import { keysOfAnnouncements } from './announcements.sending.ts'
import { consentKinds } from './consents.policy.ts'
import * as queries from './consents.queries.ts'

/** To which announcements people have agreed. Nobody has until they say so. */
export interface ConsentsService {
  /** Of every kind that needs one. */
  list: (userId: string) => Promise<Consent[]>
  /** Once more changes nothing: the first consent stays, with its time. */
  set: (caller: Caller, person: { id: string, name: string }, change: { kind: ConsentKind, isGiven: boolean, source: ConsentSource }) => Promise<void>
  /** What somebody agreed to before they had the account that the caller's transaction has just made. @returns the events of what is new, for the caller to record */
  giveAsked: (tx: Tx, person: { id: string, name: string }, asked: { kinds: readonly ConsentKind[], at: Date }) => Promise<NewAuditEvent[]>
}

export function createConsentsService({ db, clock, audit, mail }: { db: Db, clock: () => Date, audit: AuditLog, mail: Pick<Mailer, 'withdrawAll'> }): ConsentsService {
  return {
    async list(userId) {
      const given = await queries.listConsents(db, userId)
      return consentKinds.map((kind) => {
        const consent = given.find(each => each.kind === kind)
        return {
          kind,
          isGiven: consent !== undefined,
          at: consent?.at.toISOString() ?? null,
          source: consent?.source ?? null,
        }
      })
    },

    set: (caller, { id, name }, { kind, isGiven, source }) => db.transaction(async (tx) => {
      const changed = isGiven
        ? await queries.insertConsent(tx, {
            userId: id,
            kind,
            at: clock(),
            source,
          })
        : await queries.deleteConsent(tx, id, kind)
      if (!changed) return
      if (!isGiven) await mail.withdrawAll(tx, announcementNewsMail, keysOfAnnouncements(kind, id))
      // The row is gone with a withdrawal: what shows that there was a consent, and until when, is the log.
      await audit.record(tx, caller, (isGiven
        ? userConsentGiven
        : userConsentWithdrawn)({
        subject: { kind: 'user', id, name },
        details: { kind, source },
      }))
    }),

    async giveAsked(tx, { id, name }, { kinds, at }) {
      const events: NewAuditEvent[] = []
      for (const kind of kinds) {
        if (!await queries.insertConsent(tx, {
          userId: id,
          kind,
          at,
          source: 'request',
        })) {
          continue
        }
        events.push(userConsentGiven({
          subject: { kind: 'user', id, name },
          details: { kind, source: 'request' },
        }))
      }
      return events
    },
  }
}
