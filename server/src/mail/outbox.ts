import type { Static, TObject, TProperties } from 'typebox'
import type { Db, Executor, Tx } from '../db/database.ts'
import type { JobQueue } from '../jobs/job-queue.ts'
import type { MailDefinition, MailLanguage } from './define-mail.ts'
import type { ClaimedMail, MailState } from './mails.queries.ts'
import type { RenderedMail } from './render-mail.ts'
import type { MailTransport } from './transport.ts'
import type { Verdict } from './verdict.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { seal, unseal } from '../crypto/secrets.ts'
import { inGroups } from '../db/in-groups.ts'
import { defineJob } from '../jobs/job-queue.ts'
import { addressKey, deliverableAddress } from './mail-address.ts'
import * as queries from './mails.queries.ts'
import { cleanData, cleanLine, renderMail } from './render-mail.ts'
import { SMTP_LIMITS } from './transport.ts'
import { delayAfter, GIVE_UP_MS } from './verdict.ts'

/** A try that nobody has heard of for so long is another's: longer than any lasts. */
const LEASE_MS = SMTP_LIMITS.sendMs + 30_000
const MINUTE_MS = 60_000
/** Under way at once in one process, over fewer connections: the next are there when one becomes free. */
const AT_ONCE = 40
/** A run ends after so long at most; the next minute's goes on. */
const RUN_MS = 5 * MINUTE_MS

/** Begins what is due. Sent with what is queued, and each minute for what has to be tried again. */
export const sendMailsJob = defineJob<object>({
  name: 'mail.send',
  expireInSeconds: 900,
  retryLimit: 2,
  cron: '* * * * *',
})

/** None in any state: what is counted is put into it. */
export const noMails = (): Record<MailState, number> => ({
  waiting: 0,
  sent: 0,
  failed: 0,
  suppressed: 0,
  expired: 0,
})

export interface QueuedMail<Data extends TProperties, Secrets extends TProperties> {
  /** Of all that are queued with the same words there is one. */
  key: string
  to: { address: string, name?: string }
  language: MailLanguage
  /** Whose mail it is: the workspace's or the instance's name. */
  sender: string
  data: Static<TObject<Data>>
  secrets: Static<TObject<Secrets>>
  /** What many are sent for, one to each (a UUID). */
  groupId?: string
  /** What its Message-ID is made of (`messageIdOf`), where the caller has to know it; a UUID. */
  id?: string
  /** Message-IDs of the thread that it goes on with, the oldest first. */
  references?: readonly string[]
  /** Not sent later than this, and its secrets are erased then; needed where there are secrets. */
  usefulUntil?: Date
}

/** How the server writes to people. It knows no feature: what a mail says stands beside what it tells of (`<feature>.mails.ts`). */
export interface Mailer {
  /** Whether mail can be sent at all. Without, links are handed on by people, and whoever makes one has to show it. */
  readonly canSend: boolean
  /** What a mail that is queued with this id is called by; undefined without SMTP. */
  messageIdOf: (id: string) => string | undefined
  /**
   * Writes mails in the transaction of what they tell of; they leave after its commit. Nothing happens without SMTP, for an address that no mail can be
   * sent to, and the second time for a key.
   * @returns how many were taken
   * @throws {Error} when data or secrets do not fit the template
   */
  queue: <Data extends TProperties, Secrets extends TProperties>(tx: Tx, definition: MailDefinition<Data, Secrets>, ...mails: QueuedMail<Data, Secrets>[]) => Promise<number>
  /**
   * How many of what is sent to many may be queued now: a minute's worth less what waits. Who writes to thousands queues so many and comes again, so that a
   * link to a new password does not stand behind all of them. Infinite without SMTP, where nothing waits.
   */
  roomForMany: (tx: Tx) => Promise<number>
  /** What became of the mails of each group, for as long as they stand in the outbox. */
  countGroups: (db: Executor, groupIds: readonly string[]) => Promise<Map<string, Record<MailState, number>>>
  /** What it tells of is over: it is not sent any more, if it has not left yet. */
  withdraw: (tx: Tx, key: string) => Promise<void>
  /** The same for all of a kind whose keys begin so; an operator cannot send them again either. */
  withdrawAll: (tx: Tx, definition: Pick<MailDefinition, 'name'>, ...prefixes: string[]) => Promise<void>
  /** The same for a part of each: those of its `lines` that are like this. A mail that says nothing else is not sent at all. */
  withdrawLines: (tx: Tx, definition: Pick<MailDefinition, 'name'>, like: object, ...prefixes: string[]) => Promise<void>
  /** Sends what is due, until nothing is; other processes do the same beside it. */
  sendDue: (signal: AbortSignal) => Promise<void>
  /** Ends all that waits, unsent: operators may send each again. */
  endWaiting: () => Promise<void>
  close: () => void
}

export interface MailerOptions {
  db: Db
  clock: () => Date
  newId: () => string
  jobs: Pick<JobQueue, 'send'>
  transport: MailTransport | undefined
  /** All there are, by name: a row knows its template by it. */
  definitions: ReadonlyMap<string, MailDefinition>
  /** Seals what opens something. */
  key: Buffer
  publicUrl: string
  perMinute: number
  log: { error: (fields: object, message: string) => void }
}

export function createMailer({ db, clock, newId, jobs, transport, definitions, key, publicUrl, perMinute, log }: MailerOptions): Mailer {
  const domainOf = (address: string) => address.slice(address.lastIndexOf('@') + 1)
  const messageIdIn = (own: MailTransport, id: string) => `<${id}@${domainOf(own.place.from)}>`

  const settle = inGroups<queries.SettledAttempt, undefined>(async (_key, settled) => {
    await queries.settleAttempts(db, settled)
    return settled.map(() => undefined)
  })

  /** Fails for what a former version wrote and this one cannot say any more. */
  function render({ template, data, sealed, language, sender, timeZone }: ClaimedMail): RenderedMail {
    const definition = definitions.get(template)
    if (!definition) throw new Error(`This version has no mail “${template}”`)
    return renderMail(definition, {
      data,
      secrets: sealed === null
        ? {}
        : JSON.parse(unseal(key, sealed)) as object,
      language: language as MailLanguage,
      sender,
      publicUrl,
      timeZone,
    })
  }

  async function tryOnce(own: MailTransport, row: ClaimedMail, signal: AbortSignal): Promise<Verdict> {
    let rendered: RenderedMail
    try {
      rendered = render(row)
    }
    catch (error) {
      log.error({ err: error, mail: row.id }, 'a mail could not be written')
      return { outcome: 'refused', bounced: false, reply: 'This server could not write the mail from what is kept of it; its log says why' }
    }
    return own.send({
      ...rendered,
      messageId: row.messageId,
      references: row.references,
      to: { address: row.toAddress, name: row.toName },
      sender: row.sender,
    }, signal)
  }

  /** @returns whether others would fare the same now */
  async function deliver(own: MailTransport, row: ClaimedMail, signal: AbortSignal): Promise<boolean> {
    const verdict = await tryOnce(own, row, signal)
    const now = clock()
    const nextAttemptAt = new Date(now.getTime() + delayAfter(row.attempts))
    const waits = verdict.outcome === 'later' && nextAttemptAt <= row.giveUpAt
    if (verdict.outcome === 'refused' && verdict.bounced) {
      await queries.insertSuppression(db, {
        addressKey: row.toKey,
        reply: verdict.reply,
        mailId: row.id,
        createdAt: now,
      })
    }
    await settle('', {
      id: row.id,
      attempts: row.attempts,
      verdict,
      endedAt: now,
      ...waits
        ? { state: 'waiting', nextAttemptAt }
        : {
            state: verdict.outcome === 'sent'
              ? 'sent'
              : 'failed',
            nextAttemptAt: null,
          },
    })
    return verdict.outcome === 'later' && verdict.ofServer
  }

  /** @returns mails to try now, and else how long it takes until the minute has room; undefined: nothing is due */
  const claim = (room: number) => db.transaction(async (tx): Promise<{ rows: ClaimedMail[], waitMs?: number } | undefined> => {
    await queries.lockClaiming(tx)
    const now = clock()
    const recent = await queries.countAttemptsSince(tx, new Date(now.getTime() - MINUTE_MS))
    const limit = Math.min(room, perMinute - recent.count)
    if (limit <= 0) {
      return await queries.isAnyDue(tx, now)
        ? { rows: [], waitMs: recent.first!.getTime() + MINUTE_MS - now.getTime() + 1 }
        : undefined
    }
    const claimed = await queries.claimDue(tx, {
      limit,
      now,
      until: new Date(now.getTime() + LEASE_MS),
    })
    return claimed.length > 0
      ? {
          rows: claimed.filter(({ state }) => state === 'waiting'),
        }
      : undefined
  })

  return {
    canSend: transport !== undefined,

    messageIdOf: id => transport && messageIdIn(transport, id),

    async queue(tx, definition, ...given) {
      if (!transport) return 0
      const now = clock()
      const rows = given.flatMap(({ key: words, id = newId(), references = [], groupId, to, language, sender, data, secrets, usefulUntil }) => {
        const address = deliverableAddress(to.address)
        if (address === undefined) return []
        if (usefulUntil === undefined && Object.keys(secrets).length > 0) throw new Error(`A mail “${definition.name}” has secrets, and does not say how long they open something`)
        const options = {
          data: cleanData(definition as never, data),
          secrets,
          language,
          sender: cleanLine(sender),
          publicUrl,
        }
        return [
          {
            id,
            key: words,
            groupId: groupId ?? null,
            messageId: messageIdIn(transport, id),
            references: references.join(' '),
            template: definition.name,
            language,
            toAddress: address,
            toKey: addressKey(to.address),
            toName: cleanLine(to.name ?? ''),
            sender: options.sender,
            subject: renderMail(definition as never, options).subject,
            data: options.data as Record<string, unknown>,
            sealed: Object.keys(secrets).length === 0
              ? null
              : seal(key, JSON.stringify(secrets)),
            createdAt: now,
            nextAttemptAt: now,
            giveUpAt: new Date(now.getTime() + GIVE_UP_MS),
            usefulUntil: usefulUntil ?? null,
          },
        ]
      })
      if (rows.length > 0) {
        await queries.insertMails(tx, rows)
        await jobs.send(tx, sendMailsJob, {})
      }
      return rows.length
    },

    roomForMany: async tx => transport
      ? Math.max(0, perMinute - await queries.countUntriedOfGroups(tx))
      : Infinity,

    async countGroups(executor, groupIds) {
      const counts = new Map(groupIds.map(groupId => [
        groupId,
        noMails(),
      ]))
      if (groupIds.length > 0) {
        for (const { groupId, state, count } of await queries.countGroups(executor, groupIds)) counts.get(groupId)![state] = count
      }
      return counts
    },

    withdraw: (tx, words) => queries.withdraw(tx, words, clock()),

    withdrawAll: (tx, { name }, ...prefixes) => queries.withdrawAll(tx, name, prefixes, clock()),

    withdrawLines: (tx, { name }, like, ...prefixes) => queries.withdrawLines(tx, name, prefixes, like, clock()),

    async sendDue(signal) {
      if (!transport) return
      const endsAt = performance.now() + RUN_MS
      const underWay = new Set<Promise<void>>()
      // What the server refuses to all waits for the next minute: asking for each mail would only anger it.
      const over = new AbortController()
      const faults: unknown[] = []
      const begin = (row: ClaimedMail) => {
        const delivery: Promise<void> = deliver(transport, row, signal)
          .then((ofServer) => {
            if (ofServer) over.abort()
          }, (error: unknown) => {
            faults.push(error)
            over.abort()
          })
          .finally(() => underWay.delete(delivery))
        underWay.add(delivery)
      }
      const stop = AbortSignal.any([signal, over.signal])
      while (!stop.aborted && performance.now() < endsAt) {
        const found = underWay.size > AT_ONCE / 2
          ? { rows: [] }
          : await claim(AT_ONCE - underWay.size)
        for (const row of found?.rows ?? []) begin(row)
        if (underWay.size > 0) await Promise.race(underWay)
        else if (!found) break
        else if (found.waitMs !== undefined) await sleep(found.waitMs, undefined, { signal: stop }).catch(() => {})
      }
      await Promise.all(underWay)
      if (faults.length > 0) throw faults[0]
    },

    endWaiting: () => queries.endWaiting(db, clock()),

    close: () => transport?.close(),
  }
}
