import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { AuditSubject } from '../audit/define-action.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { RequestRow } from './requests.queries.ts'
import type { ContactRequest, RequestChange, RequestInput, RequestListQuery, RequestPage } from './requests.schemas.ts'
import { notFound } from '../../errors/common-errors.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { requestHandled, requestReceived } from '../audit/audit.actions.ts'
import { throttleKeys } from '../auth/throttle.ts'
import { REQUEST_LIMIT } from './requests.policy.ts'
import * as queries from './requests.queries.ts'

export interface RequestsService {
  /** Keeps what somebody asks, or drops it unsaid when its honeypot is filled in. @throws {AppError} `rate.limited` */
  receive: (caller: Caller, input: RequestInput) => Promise<void>
  /** Newest first. */
  list: (query: RequestListQuery) => Promise<RequestPage>
  /** Marks it; `new` takes the handling back. @throws {AppError} `not_found` */
  change: (caller: Caller, requestId: string, change: RequestChange) => Promise<ContactRequest>
}

export interface RequestsServiceOptions {
  db: Db
  audit: AuditLog
  throttle: Throttle
  clock: () => Date
  newId: () => string
}

export function createRequestsService({ db, audit, throttle, clock, newId }: RequestsServiceOptions): RequestsService {
  /** Without a name: the log outlives the request, and what was deleted must not stay in it. */
  const subjectOf = (id: string) => ({ kind: 'request', id, name: '' }) satisfies AuditSubject

  return {
    async receive(caller, { website, ...input }) {
      const [source] = throttleKeys('request', { source: caller.origin.ip })
      await throttle.limit(source!, REQUEST_LIMIT)
      if (website) return
      const id = newId()
      await db.transaction(async (tx) => {
        await queries.insertRequest(tx, {
          id,
          kind: input.kind,
          name: input.name.trim(),
          email: input.email,
          company: input.company?.trim() || null,
          message: input.message.trim(),
          createdAt: clock(),
          ip: caller.origin.ip,
          userAgent: caller.origin.userAgent,
        })
        await audit.record(tx, caller, requestReceived({
          subject: subjectOf(id),
          details: { kind: input.kind },
        }))
      })
    },

    async list({ limit = 50, cursor, state }) {
      const position = decodeCursor(cursor, ['instant', 'id']) as [string, string] | undefined
      const rows = await queries.listRequests(db, {
        state,
        after: position && {
          createdAt: new Date(position[0]),
          id: position[1],
        },
        limit: limit + 1,
      })
      const items = rows.slice(0, limit).map(toRequest)
      const last = items.at(-1)
      return {
        items,
        nextCursor: rows.length > limit && last
          ? encodeCursor([last.createdAt, last.id])
          : null,
        newCount: await queries.countNew(db),
      }
    },

    async change(caller, requestId, { state }) {
      return db.transaction(async (tx) => {
        const from = await queries.lockState(tx, requestId)
        if (from === undefined) throw notFound('There is no such request')
        if (from !== state) {
          await queries.updateState(tx, requestId, {
            state,
            ...state === 'new'
              ? { handledAt: null, handledBy: null }
              : {
                  handledAt: clock(),
                  handledBy: caller.actor.id,
                },
          })
        }
        const changed = toRequest((await queries.findRequest(tx, requestId))!)
        if (from !== state) {
          await audit.record(tx, caller, requestHandled({
            subject: subjectOf(requestId),
            details: { kind: changed.kind, from, to: state },
          }))
        }
        return changed
      })
    },
  }
}

function toRequest({ request, handlerName }: RequestRow): ContactRequest {
  const { ip, userAgent, handledBy, ...rest } = request
  return {
    ...rest,
    createdAt: request.createdAt.toISOString(),
    handledAt: request.handledAt?.toISOString() ?? null,
    handledBy: handledBy === null || handlerName === null
      ? null
      : { id: handledBy, name: handlerName },
    origin: { ip, userAgent },
  }
}
