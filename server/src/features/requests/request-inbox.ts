import type { Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { ConsentKind } from '../announcements/consents.policy.ts'
import type { NewAuditEvent } from '../audit/audit.service.ts'
import type { WorkspaceFounding } from './found-workspace.ts'
import type { Request, RequestsContext } from './requests.context.ts'
import type { RequestRow } from './requests.queries.ts'
import type { ContactRequest, FoundedWorkspace, RequestApproval, RequestChange, RequestListQuery, RequestPage, RequestReply, RequestTemplates, RequestThread } from './requests.schemas.ts'
import { conflict, notFound, requestInvalid } from '../../errors/common-errors.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { instanceTemplatesChanged, requestApproved, requestAssigned, requestExtended, requestHandled, requestNoted, requestReplied } from '../audit/audit.actions.ts'
import { DAY_MS, subjectOf } from './requests.context.ts'
import { letterNeeded, requestDecided } from './requests.errors.ts'
import { requestExtendedMail, requestReplyMail } from './requests.mails.ts'
import { isHandled, mayBeApproved, PRIVACY_EXTENSION_DAYS, requestStates } from './requests.policy.ts'
import * as queries from './requests.queries.ts'

/** What operators do with what people ask. */
export interface RequestInbox {
  /** The last that came first. */
  list: (query: RequestListQuery) => Promise<RequestPage>
  get: (requestId: string) => Promise<RequestThread>
  /** @throws {AppError} `not_found`, `request.decided`, `request.letter_needed` */
  change: (caller: Caller, requestId: string, change: RequestChange) => Promise<RequestThread>
  /** For operators alone. */
  note: (caller: Caller, requestId: string, text: string) => Promise<RequestThread>
  /** To its sender: by mail where mail is sent, and on the request's page. @throws {AppError} `not_found`, `request.decided`, `request.letter_needed` */
  reply: (caller: Caller, requestId: string, reply: RequestReply) => Promise<RequestThread>
  /** Of a privacy request, once; its sender is told why. @throws {AppError} `conflict` */
  extend: (caller: Caller, requestId: string, reason: string) => Promise<RequestThread>
  /** Once, whoever else does at the same time. @throws {AppError} `request.decided`, `conflict`, and as `WorkspaceFounding.foundIn` */
  approve: (caller: Caller, requestId: string, approval: RequestApproval) => Promise<FoundedWorkspace>
  templates: () => Promise<RequestTemplates>
  /** All of them at once. */
  setTemplates: (caller: Caller, templates: RequestTemplates) => Promise<RequestTemplates>
}

export function createRequestInbox(context: RequestsContext, founding: WorkspaceFounding): RequestInbox {
  const { db, audit, clock, newId, mail, instance } = context

  async function get(requestId: string): Promise<RequestThread> {
    const row = await queries.findRequest(db, requestId)
    if (!row) throw notFound('There is no such request')
    return toThread(row, await queries.listMessages(db, requestId))
  }

  /** Under the request's lock, so that two operators follow one another. */
  const changeLocked = <T>(requestId: string, change: (tx: Tx, request: Request) => Promise<T>): Promise<T> => db.transaction(async (tx) => {
    const request = await queries.lockRequest(tx, requestId)
    if (!request) throw notFound('There is no such request')
    return change(tx, request)
  })

  const detailsOf = (request: Request) => ({
    subject: subjectOf(request.id),
    details: { kind: request.kind },
  })

  /** @returns the event, if that is another state */
  async function setState(tx: Tx, caller: Caller, request: Request, state: Request['state']): Promise<NewAuditEvent[]> {
    if (request.state === state) return []
    if (request.state === 'approved') throw requestDecided('What it made stays')
    await queries.changeRequest(tx, request.id, {
      state,
      ...isHandled(state)
        ? {
            handledAt: clock(),
            handledBy: caller.actor.id,
          }
        : { handledAt: null, handledBy: null },
    })
    return [
      requestHandled({
        subject: subjectOf(request.id),
        details: { kind: request.kind, from: request.state, to: state },
      }),
    ]
  }

  async function assign(tx: Tx, request: Request, assigneeId: string | null): Promise<NewAuditEvent[]> {
    if (request.assigneeId === assigneeId) return []
    if (assigneeId !== null && !await queries.isOperator(tx, assigneeId)) {
      throw requestInvalid({
        fields: [
          { pointer: '/assigneeId', detail: 'is not an operator' },
        ],
      })
    }
    await queries.changeRequest(tx, request.id, { assigneeId })
    return [
      requestAssigned({
        subject: subjectOf(request.id),
        details: { kind: request.kind, userId: assigneeId },
      }),
    ]
  }

  async function record(tx: Tx, caller: Caller, events: NewAuditEvent[]): Promise<void> {
    if (events.length > 0) await audit.record(tx, caller, ...events)
  }

  return {
    get,

    async list({ limit = 50, cursor, ...filter }) {
      const position = decodeCursor(cursor, ['instant', 'id']) as [string, string] | undefined
      const rows = await queries.listRequests(db, {
        ...filter,
        after: position && {
          receivedAt: new Date(position[0]),
          id: position[1],
        },
        limit: limit + 1,
      })
      const items = rows.slice(0, limit).map(toRequest)
      const last = items.at(-1)
      const counted = new Map((await queries.countByState(db)).map(({ state, count }) => [state, count]))
      return {
        items,
        nextCursor: rows.length > limit && last
          ? encodeCursor([last.receivedAt, last.id])
          : null,
        counts: Object.fromEntries(requestStates.map(state => [state, counted.get(state) ?? 0])) as RequestPage['counts'],
      }
    },

    async change(caller, requestId, { state, assigneeId }) {
      await changeLocked(requestId, async (tx, request) => {
        if (request.kind === 'privacy' && request.state !== state && (state === 'answered' || state === 'declined')) throw letterNeeded('Write to its sender, and say what was done')
        await record(tx, caller, [
          ...state === undefined
            ? []
            : await setState(tx, caller, request, state),
          ...assigneeId === undefined
            ? []
            : await assign(tx, request, assigneeId),
        ])
      })
      return get(requestId)
    },

    async note(caller, requestId, text) {
      await changeLocked(requestId, async (tx, request) => {
        await queries.insertMessage(tx, {
          id: newId(),
          requestId,
          from: 'note',
          text: text.trim(),
          at: clock(),
          by: caller.actor.id,
        })
        await audit.record(tx, caller, requestNoted(detailsOf(request)))
      })
      return get(requestId)
    },

    async reply(caller, requestId, { text, state, outcome }) {
      await changeLocked(requestId, async (tx, request) => {
        const becomes = state ?? (request.kind === 'privacy'
          ? 'in_progress'
          : 'answered')
        if (request.kind === 'privacy' && isHandled(becomes) && !outcome?.trim()) {
          throw letterNeeded({
            fields: [
              { pointer: '/outcome', detail: 'says what was done' },
            ],
          })
        }
        const letter = await context.letterTo(tx, request)
        const isMailed = await mail.queue(tx, requestReplyMail, {
          ...letter,
          data: {
            name: request.name,
            reference: request.reference,
            text: withLineEnds(text.trim()),
          },
        }) > 0
        await queries.insertMessage(tx, {
          id: letter.id,
          requestId,
          from: 'operator',
          text: text.trim(),
          at: clock(),
          by: caller.actor.id,
          messageId: isMailed
            ? mail.messageIdOf(letter.id)
            : null,
        })
        if (outcome?.trim()) {
          await queries.changeRequest(tx, requestId, {
            outcome: outcome.trim(),
          })
        }
        await record(tx, caller, [
          requestReplied({
            subject: subjectOf(requestId),
            details: { kind: request.kind, isMailed },
          }),
          // One that was approved stays so, whatever is written about it later.
          ...request.state === 'approved' && state === undefined
            ? []
            : await setState(tx, caller, request, becomes),
        ])
      })
      return get(requestId)
    },

    async extend(caller, requestId, reason) {
      await changeLocked(requestId, async (tx, request) => {
        if (request.dueAt === null || request.handledAt !== null) throw conflict('It is no privacy request that is open')
        if (request.extendedReason !== null) throw conflict('Its day was put off once')
        const dueAt = new Date(request.dueAt.getTime() + PRIVACY_EXTENSION_DAYS * DAY_MS)
        const letter = await context.letterTo(tx, request)
        const isMailed = await mail.queue(tx, requestExtendedMail, {
          ...letter,
          data: {
            name: request.name,
            reference: request.reference,
            reason: withLineEnds(reason.trim()),
            dueAt: dueAt.toISOString(),
          },
        }) > 0
        await queries.insertMessage(tx, {
          id: letter.id,
          requestId,
          from: 'operator',
          text: reason.trim(),
          at: clock(),
          by: caller.actor.id,
          messageId: isMailed
            ? mail.messageIdOf(letter.id)
            : null,
        })
        await queries.changeRequest(tx, requestId, {
          dueAt,
          extendedReason: reason.trim(),
          overdueToldAt: null,
        })
        await audit.record(tx, caller, requestExtended({
          subject: subjectOf(requestId),
          details: {
            kind: request.kind,
            dueAt: dueAt.toISOString(),
          },
        }))
      })
      return get(requestId)
    },

    approve: (caller, requestId, { workspaceName, slug }) => changeLocked(requestId, async (tx, request) => {
      if (request.state === 'approved') throw requestDecided('Its workspace has been made')
      if (!mayBeApproved(request.kind)) throw conflict('Only who asks for access is let in')
      const { founded, events } = await founding.foundIn(tx, caller, {
        name: workspaceName,
        slug,
        owner: { name: request.name, email: request.email, language: request.language },
        verifiedAt: request.confirmedAt,
        news: {
          kinds: request.news as ConsentKind[],
          at: request.createdAt,
        },
        references: await context.threadOf(tx, requestId),
      })
      await queries.changeRequest(tx, requestId, {
        state: 'approved',
        handledAt: clock(),
        handledBy: caller.actor.id,
        workspaceId: founded.workspaceId,
      })
      await audit.record(tx, caller, requestApproved({
        subject: subjectOf(requestId),
        details: { kind: request.kind, slug },
      }), ...events)
      return founded
    }),

    templates: async () => ({ items: await queries.listTemplates(db) }),

    async setTemplates(caller, { items }) {
      const given = items.map(({ language, title, text }) => ({
        language,
        title: title.trim(),
        text: text.trim(),
      }))
      if (new Set(given.map(({ language, title }) => `${language} ${title}`)).size < given.length) {
        throw requestInvalid({
          fields: [
            { pointer: '/items', detail: 'has two of the same title in one language' },
          ],
        })
      }
      const { name } = await instance.settings()
      await db.transaction(async (tx) => {
        await queries.replaceTemplates(tx, given)
        await audit.record(tx, caller, instanceTemplatesChanged({
          subject: { kind: 'instance', id: null, name },
          details: { templates: given.length },
        }))
      })
      return { items: await queries.listTemplates(db) }
    },
  }
}

/** Markdown makes one line of two; who writes a letter means two. */
const withLineEnds = (text: string) => text.replaceAll(/(\S)[ \t]*\r?\n(?=[^\r\n])/g, '$1  \n')

const personOf = (id: string | null, name: string | null) => (id === null || name === null
  ? null
  : { id, name })

function toRequest({ request, handlerName, assigneeName }: RequestRow): ContactRequest {
  return {
    id: request.id,
    reference: request.reference,
    kind: request.kind,
    right: request.right,
    name: request.name,
    email: request.email,
    company: request.company,
    message: request.message,
    language: request.language,
    state: request.state,
    createdAt: request.createdAt.toISOString(),
    receivedAt: (request.receivedAt ?? request.createdAt).toISOString(),
    identity: request.userId !== null
      ? request.confirmedAt !== null
        ? 'session'
        : 'account'
      : request.confirmedAt !== null
        ? 'address'
        : 'none',
    assignee: personOf(request.assigneeId, assigneeName),
    handledAt: request.handledAt?.toISOString() ?? null,
    handledBy: personOf(request.handledBy, handlerName),
    dueAt: request.dueAt?.toISOString() ?? null,
  }
}

function toThread(row: RequestRow, messages: queries.MessageRow[]): RequestThread {
  const { request } = row
  return {
    ...toRequest(row),
    extendedReason: request.extendedReason,
    outcome: request.outcome,
    workspaceId: request.workspaceId,
    consent: request.policySlug === null
      ? null
      : { slug: request.policySlug, number: request.policyNumber!, sha256: request.policySha256! },
    news: request.news,
    context: request.context,
    origin: { ip: request.ip, userAgent: request.userAgent },
    messages: messages.map(({ id, from, text, at, by, byName, messageId }) => ({
      id,
      from,
      text,
      at: at.toISOString(),
      by: personOf(by, byName),
      isMailed: messageId !== null,
    })),
  }
}
