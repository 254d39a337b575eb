import type { Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { IncomingReply } from '../../mail/replies.ts'
import type { Request, RequestsContext } from './requests.context.ts'
import type { SentRequest } from './requests.schemas.ts'
import { hashSecret } from '../../crypto/secrets.ts'
import { AppError } from '../../errors/app-error.ts'
import { notFound } from '../../errors/common-errors.ts'
import { requestWrittenTo } from '../audit/audit.actions.ts'
import { readReplyTag } from './reply-tag.ts'
import { subjectOf } from './requests.context.ts'
import { MESSAGE_LIMIT } from './requests.policy.ts'
import * as queries from './requests.queries.ts'

/** What whoever has a link to a request may do: its sender, who got it by mail. */
export interface RequestSender {
  /** Changes nothing: programs look at links in mails. @throws {AppError} `not_found` */
  show: (token: string) => Promise<SentRequest>
  /** The address is its sender's: now operators see it. Once more changes nothing. @throws {AppError} `not_found` */
  confirm: (caller: Caller, token: string) => Promise<SentRequest>
  /** One more message; what was answered is new again. @throws {AppError} `not_found`, `rate.limited` */
  write: (caller: Caller, token: string, message: string) => Promise<SentRequest>
  /** By mail, to the address that our mail named, or as an answer to it. From another address than the sender's it is a note for operators. */
  takeReply: (reply: IncomingReply) => Promise<boolean>
}

const states = {
  new: 'open',
  in_progress: 'open',
  answered: 'answered',
  approved: 'approved',
  declined: 'declined',
  // Who is taken for a machine is not told so.
  spam: 'open',
} as const satisfies Record<Request['state'], SentRequest['state']>

/** Nobody's session. */
const byMail: Caller = {
  actor: { kind: 'visitor', id: null, name: '' },
  origin: { via: 'link', ip: null, userAgent: null },
}

export function createRequestSender(context: RequestsContext): RequestSender {
  const { db, audit, throttle, clock, newId } = context

  async function find(token: string): Promise<Request> {
    const found = await queries.findByToken(db, hashSecret(token))
    if (!found) throw notFound('There is no request by this link')
    return found
  }

  async function show(token: string): Promise<SentRequest> {
    const request = await find(token)
    const messages = await queries.listMessages(db, request.id)
    return {
      reference: request.reference,
      kind: request.kind,
      state: request.receivedAt === null
        ? 'unconfirmed'
        : states[request.state],
      createdAt: request.createdAt.toISOString(),
      dueAt: request.dueAt?.toISOString() ?? null,
      message: request.message,
      messages: messages.flatMap(({ from, text, at }) => (from === 'note'
        ? []
        : [
            {
              from,
              text,
              at: at.toISOString(),
            },
          ])),
    }
  }

  /** Of what comes by mail, more than by the page is left in the mailbox. */
  const hasRoom = (id: string) => throttle.limit(`request-message:subject:${id}`, MESSAGE_LIMIT).then(() => true, (error: unknown) => {
    if (error instanceof AppError) return false
    throw error
  })

  /** What was answered is new again, and operators hear of it. */
  async function hear(tx: Tx, caller: Caller, request: Request): Promise<void> {
    if (request.state === 'answered' || request.state === 'declined') {
      await queries.changeRequest(tx, request.id, {
        state: 'new',
        handledAt: null,
        handledBy: null,
      })
    }
    // Who writes by the link, or answers the mail, has read it.
    if (request.receivedAt === null) {
      await context.receive(tx, caller, request, clock())
    }
    else if (request.state !== 'spam') {
      await audit.record(tx, caller, requestWrittenTo({
        subject: subjectOf(request.id),
        details: { kind: request.kind },
      }))
    }
  }

  return {
    show,

    async confirm(caller, token) {
      const { id } = await find(token)
      await db.transaction(async (tx) => {
        const request = await queries.lockRequest(tx, id, true)
        // What did not wait for it came by a link that was not mailed: that proves nothing.
        if (!request || request.receivedAt !== null) return
        await context.receive(tx, caller, request, clock())
      })
      return show(token)
    },

    async write(caller, token, message) {
      const { id } = await find(token)
      await throttle.limit(`request-message:subject:${id}`, MESSAGE_LIMIT)
      await db.transaction(async (tx) => {
        const request = await queries.lockRequest(tx, id, true)
        if (!request) throw notFound('There is no request by this link')
        await queries.insertMessage(tx, {
          id: newId(),
          requestId: id,
          from: 'sender',
          text: message.trim(),
          at: clock(),
        })
        await hear(tx, caller, request)
      })
      return show(token)
    },

    async takeReply({ id: messageId, tag = '', answers, from, text, isAutomatic, attachments }) {
      const reference = readReplyTag(context.replyKey, tag)
      if (reference === null) return true
      const found = reference === undefined
        ? answers.length > 0
          ? await queries.findByMessageId(db, answers.map(each => `<${each}>`))
          : undefined
        : await queries.findByReference(db, reference)
      if (!found) return reference !== undefined
      if (isAutomatic || text === '' || !await hasRoom(found.id)) return true
      const isSender = from === found.email.toLowerCase()
      await db.transaction(async (tx) => {
        const request = await queries.lockRequest(tx, found.id, true)
        if (!request) return
        const told = attachments > 0
          ? `${text}\n\n📎 ${attachments}`
          : text
        const isNew = await queries.insertMailedMessage(tx, {
          id: newId(),
          requestId: request.id,
          from: isSender
            ? 'sender'
            : 'note',
          text: isSender
            ? told
            : `${from}:\n\n${told}`,
          at: clock(),
          messageId: `<${messageId}>`,
        })
        if (isNew) await hear(tx, byMail, request)
      })
      return true
    },
  }
}
