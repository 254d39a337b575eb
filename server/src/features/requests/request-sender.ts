import type { Caller } from '../../http/caller.ts'
import type { Request, RequestsContext } from './requests.context.ts'
import type { SentRequest } from './requests.schemas.ts'
import { hashSecret } from '../../crypto/secrets.ts'
import { notFound } from '../../errors/common-errors.ts'
import { requestWrittenTo } from '../audit/audit.actions.ts'
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
        const now = clock()
        await queries.insertMessage(tx, {
          id: newId(),
          requestId: id,
          from: 'sender',
          text: message.trim(),
          at: now,
        })
        if (request.state === 'answered' || request.state === 'declined') {
          await queries.changeRequest(tx, id, {
            state: 'new',
            handledAt: null,
            handledBy: null,
          })
        }
        // Who writes by the link has read the mail.
        if (request.receivedAt === null) {
          await context.receive(tx, caller, request, now)
        }
        else if (request.state !== 'spam') {
          await audit.record(tx, caller, requestWrittenTo({
            subject: subjectOf(id),
            details: { kind: request.kind },
          }))
        }
      })
      return show(token)
    },
  }
}
