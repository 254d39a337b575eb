import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { MailDefinition, MailLanguage } from '../../mail/define-mail.ts'
import type { ShownRow } from '../../mail/mails.queries.ts'
import type { MailTransport } from '../../mail/transport.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { MailListQuery, MailPage, MailPreview, MailStatus, MailTemplates, MailTest, MailTestInput, OutboxMail, OutboxMailDetail, SuppressionPage, SuppressionQuery } from './mail.schemas.ts'
import { notFound, requestInvalid } from '../../errors/common-errors.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { mailLanguages, sampleIn } from '../../mail/define-mail.ts'
import { addressKey, deliverableAddress } from '../../mail/mail-address.ts'
import * as queries from '../../mail/mails.queries.ts'
import { mailsKept } from '../../mail/mails.retention.ts'
import { noMails, sendMailsJob } from '../../mail/outbox.ts'
import { renderMail } from '../../mail/render-mail.ts'
import { GIVE_UP_MS } from '../../mail/verdict.ts'
import { mailAddressAllowed, mailResent, mailTested } from '../audit/audit.actions.ts'
import { daysKept } from '../retention/kept-days.ts'
import { mailNotSetUp, mailOver, mailSuppressed } from './mail.errors.ts'
import { testMail } from './mail.mails.ts'

/** What operators see of mail, and do about it. */
export interface MailService {
  status: () => Promise<MailStatus>
  /** Newest first. */
  list: (query: MailListQuery) => Promise<MailPage>
  /** With every try. @throws {AppError} `not_found` */
  get: (mailId: string) => Promise<OutboxMailDetail>
  /** Now, whatever became of it, with the same Message-ID. @throws {AppError} `not_found`, `mail.not_set_up`, `mail.over`, `mail.suppressed` */
  resend: (caller: Caller, mailId: string) => Promise<OutboxMailDetail>
  /** Past the outbox, at once. What the mail server says is the answer, not an error. @throws {AppError} `mail.not_set_up`, `request.invalid` for an address that no mail can be sent to */
  test: (caller: Caller, input: MailTestInput) => Promise<MailTest>
  /** Newest first. */
  listSuppressions: (query: SuppressionQuery) => Promise<SuppressionPage>
  /** Mails go to the address again. @throws {AppError} `not_found` */
  allow: (caller: Caller, address: string) => Promise<void>
  templates: () => MailTemplates
  /** With made-up data. @throws {AppError} `not_found` */
  preview: (name: string, language?: MailLanguage) => Promise<MailPreview>
}

export interface MailServiceOptions {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  jobs: Pick<JobQueue, 'send'>
  transport: MailTransport | undefined
  definitions: ReadonlyMap<string, MailDefinition>
  publicUrl: string
  perMinute: number
  instance: { settings: () => Promise<{ name: string }> }
}

export function createMailService({ db, clock, newId, audit, jobs, transport, definitions, publicUrl, perMinute, instance }: MailServiceOptions): MailService {
  async function detailOf(row: ShownRow | undefined): Promise<OutboxMailDetail> {
    if (!row) throw notFound('There is no such mail')
    return {
      ...shown(row),
      messageId: row.messageId,
      tries: (await queries.listAttempts(db, row.id)).map(({ number, beganAt, endedAt, outcome, reply }) => ({
        number,
        beganAt: beganAt.toISOString(),
        endedAt: endedAt?.toISOString() ?? null,
        outcome,
        reply,
      })),
    }
  }

  function requireTransport(): MailTransport {
    if (!transport) throw mailNotSetUp('Set SMTP_URL and MAIL_FROM, and start the server again')
    return transport
  }

  return {
    async status() {
      const counts = noMails()
      for (const { state, count } of await queries.countByState(db)) counts[state] = count
      return {
        canSend: transport !== undefined,
        server: transport?.place ?? null,
        perMinute,
        keptDays: (await daysKept(db, mailsKept))!,
        counts,
        lastSentAt: (await queries.findLastSent(db))?.toISOString() ?? null,
      }
    },

    async list({ limit = 50, cursor, state, search }) {
      const position = decodeCursor(cursor, ['instant', 'id']) as [string, string] | undefined
      const rows = await queries.listMails(db, {
        state,
        search: search === undefined
          ? undefined
          : addressKey(search),
        after: position && {
          createdAt: new Date(position[0]),
          id: position[1],
        },
        limit: limit + 1,
      })
      const items = rows.slice(0, limit).map(shown)
      const last = items.at(-1)
      return {
        items,
        nextCursor: rows.length > limit && last
          ? encodeCursor([last.createdAt, last.id])
          : null,
      }
    },

    get: async mailId => detailOf(await queries.findMail(db, mailId)),

    async resend(caller, mailId) {
      requireTransport()
      await db.transaction(async (tx) => {
        const row = await queries.lockMail(tx, mailId)
        if (!row) throw notFound('There is no such mail')
        const now = clock()
        if (row.usefulUntil !== null && row.usefulUntil <= now) throw mailOver('What it leads to is closed by now. Do again what it told of')
        if (await queries.isSuppressed(tx, row.toKey)) throw mailSuppressed('A mail server said that this address does not exist. Allow it again first')
        // Somebody is at it.
        if (row.state === 'waiting' && await queries.isUnderWay(tx, mailId)) return
        await queries.waitAgain(tx, mailId, {
          now,
          giveUpAt: new Date(now.getTime() + GIVE_UP_MS),
        })
        await jobs.send(tx, sendMailsJob, {})
        await audit.record(tx, caller, mailResent({
          subject: { kind: 'mail', id: mailId, name: '' },
          details: { address: row.toAddress, template: row.template },
        }))
      })
      return detailOf(await queries.findMail(db, mailId))
    },

    async test(caller, { to, language = 'en' }) {
      const own = requireTransport()
      const address = deliverableAddress(to)
      if (address === undefined) {
        throw requestInvalid({
          detail: 'No mail can be sent to this address',
          fields: [
            { pointer: '/to', detail: 'is not an address that mail servers take' },
          ],
        })
      }
      const { name } = await instance.settings()
      const { verdict, transcript } = await own.sendTold({
        ...renderMail(testMail as never, {
          data: { operator: caller.actor.name },
          secrets: {},
          language,
          sender: name,
          publicUrl,
        }),
        messageId: `<${newId()}@${own.place.from.split('@').at(-1)}>`,
        to: { address, name: '' },
        sender: name,
      })
      const accepted = verdict.outcome === 'sent'
      await db.transaction(tx => audit.record(tx, caller, mailTested({
        subject: { kind: 'mail', id: null, name: '' },
        details: { address, isAccepted: accepted },
      })))
      return {
        accepted,
        lacksEncryption: verdict.outcome === 'later' && verdict.lacksEncryption === true,
        reply: verdict.reply,
        transcript,
      }
    },

    async listSuppressions({ limit = 50, cursor }) {
      const position = decodeCursor(cursor, ['instant', 'string']) as [string, string] | undefined
      const rows = await queries.listSuppressions(db, {
        after: position && {
          createdAt: new Date(position[0]),
          addressKey: position[1],
        },
        limit: limit + 1,
      })
      const items = rows.slice(0, limit).map(row => ({
        address: row.addressKey,
        reply: row.reply,
        mailId: row.mailId,
        createdAt: row.createdAt.toISOString(),
      }))
      const last = items.at(-1)
      return {
        items,
        nextCursor: rows.length > limit && last
          ? encodeCursor([last.createdAt, last.address])
          : null,
      }
    },

    async allow(caller, address) {
      await db.transaction(async (tx) => {
        if (!await queries.deleteSuppression(tx, addressKey(address))) throw notFound('This address is not suppressed')
        await audit.record(tx, caller, mailAddressAllowed({
          subject: { kind: 'mail', id: null, name: '' },
          details: {
            address: addressKey(address),
          },
        }))
      })
    },

    templates: () => ({
      items: [
        ...definitions.values(),
      ].map(({ name, essential }) => ({ name, essential })),
      languages: [...mailLanguages],
    }),

    async preview(name, language = 'en') {
      const definition = definitions.get(name)
      if (!definition) throw notFound('There is no such mail')
      const { subject, text, html } = renderMail(definition, {
        ...sampleIn(definition, language),
        language,
        sender: (await instance.settings()).name,
        publicUrl,
      })
      return { subject, text, html }
    },
  }
}

function shown({ toAddress, toName, messageId: _messageId, createdAt, nextAttemptAt, usefulUntil, endedAt, ...row }: ShownRow): OutboxMail {
  return {
    ...row,
    to: { address: toAddress, name: toName },
    createdAt: createdAt.toISOString(),
    nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
    usefulUntil: usefulUntil?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  }
}
