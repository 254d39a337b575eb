import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { MailLanguage } from '../../mail/define-mail.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { RenderedMail } from '../../mail/render-mail.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { AnnouncementRow, Audience } from './announcements.queries.ts'
import type { AnnouncementChange, AnnouncementDetail, AnnouncementInput, AnnouncementListQuery, AnnouncementPage, AudienceInput, OwnAnnouncement, Announcement as ShownAnnouncement } from './announcements.schemas.ts'
import type { AnnouncementsSending } from './announcements.sending.ts'
import { notFound, requestInvalid } from '../../errors/common-errors.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { requireMatch, revisionTag } from '../../http/etag.ts'
import { noMails } from '../../mail/outbox.ts'
import { MailTooLarge } from '../../mail/render-mail.ts'
import { announcementChanged, announcementCreated, announcementDeleted, announcementStarted as announcementStartedEvent, announcementStopped } from '../audit/audit.actions.ts'
import { mailNotSetUp } from '../mail/mail.errors.ts'
import { createAnnouncementMails } from './announcement-mail.ts'
import { announcementNotStarted, announcementStarted } from './announcements.errors.ts'
import { languagesOf, outcomeOf, stateOf, textFor } from './announcements.policy.ts'
import * as queries from './announcements.queries.ts'
import { announcementsJob, createAnnouncementsSending } from './announcements.sending.ts'

const BANNER_DAYS = 14
const DAY_MS = 86_400_000

/** What operators write to many people. */
export interface AnnouncementsService extends AnnouncementsSending {
  /** Newest first. */
  list: (query: AnnouncementListQuery) => Promise<AnnouncementPage>
  /** With how many it concerns now. @throws {AppError} `not_found` */
  get: (id: string) => Promise<AnnouncementDetail>
  /** A draft. @throws {AppError} `request.invalid` for an audience that there is not, and for a text that makes too large a mail */
  create: (caller: Caller, input: AnnouncementInput) => Promise<AnnouncementDetail>
  /** @throws {AppError} `not_found`, `announcement.started`, `precondition.failed`, `request.invalid` as `create` */
  change: (caller: Caller, id: string, change: AnnouncementChange, ifMatch: string | undefined) => Promise<AnnouncementDetail>
  /** Only a draft. @throws {AppError} `not_found`, `announcement.started` */
  delete: (caller: Caller, id: string) => Promise<void>
  /** The mail as those get it who read this language, or the other where it is not written in this. @throws {AppError} `not_found` */
  preview: (id: string, language: MailLanguage) => Promise<RenderedMail>
  /** Mails it to whoever asks, in each language that it is written in. @throws {AppError} `not_found`, `mail.not_set_up` */
  test: (caller: Caller, id: string) => Promise<void>
  /** At its time, or now. @throws {AppError} `not_found`, `announcement.started`, `precondition.failed` */
  start: (caller: Caller, id: string, ifMatch: string | undefined) => Promise<AnnouncementDetail>
  /** What has not begun is a draft again. Else no further mail is written, and nobody is shown it any more; what is in the outbox leaves. @throws {AppError} `not_found`, `announcement.not_started` */
  stop: (caller: Caller, id: string) => Promise<AnnouncementDetail>
  /** What this person is shown: newest first, without what they put away, in the language that they read if it is written in it. */
  listOwn: (userId: string, language?: MailLanguage) => Promise<OwnAnnouncement[]>
  /** The person is shown it no more. @throws {AppError} `not_found` for what they are not shown */
  putAway: (userId: string, id: string) => Promise<void>
}

export function createAnnouncementsService({ db, clock, newId, audit, jobs, mail, publicUrl, instance, unsubscribePath }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  jobs: Pick<JobQueue, 'send'>
  mail: Mailer
  publicUrl: string
  instance: { settings: () => Promise<{ name: string }> }
  unsubscribePath: (userId: string, kind: string) => string
}): AnnouncementsService {
  const mails = createAnnouncementMails({
    mail,
    clock,
    publicUrl,
    unsubscribePath,
  })
  const unknown = () => notFound('There is no such announcement')
  const senderName = async () => (await instance.settings()).name

  async function shownOf(rows: readonly AnnouncementRow[]): Promise<ShownAnnouncement[]> {
    const names = new Map((await queries.listWorkspaceNames(db, rows.flatMap(({ audienceWorkspaceId }) => audienceWorkspaceId ?? []))).map(({ id, name }) => [id, name]))
    const counts = await mail.countGroups(db, rows.filter(({ state, outcome }) => state !== 'draft' && !outcome).map(({ id }) => id))
    const now = clock()
    return Promise.all(rows.map(async (row) => {
      const progress = row.outcome
        ? { waiting: 0, ...row.outcome }
        : {
            ...outcomeOf(row, counts.get(row.id) ?? noMails()),
            waiting: (counts.get(row.id)?.waiting ?? 0) + (row.state === 'started' && !row.queuedAt
              ? await queries.countConcerned(db, row)
              : 0),
          }
      return {
        id: row.id,
        kind: row.kind,
        audience: {
          to: row.audience,
          workspaceId: row.audienceWorkspaceId,
          workspaceName: row.audienceWorkspaceId && (names.get(row.audienceWorkspaceId) ?? null),
          language: row.audienceLanguage,
        },
        texts: row.texts,
        at: row.at?.toISOString() ?? null,
        bannerDays: row.bannerDays,
        state: stateOf(row, now, progress.waiting),
        startsAt: row.startsAt?.toISOString() ?? null,
        stoppedAt: row.stoppedAt?.toISOString() ?? null,
        bannerUntil: row.startsAt && new Date(row.startsAt.getTime() + row.bannerDays * DAY_MS).toISOString(),
        progress,
        etag: revisionTag(row.revision),
        updatedAt: row.updatedAt.toISOString(),
      }
    }))
  }

  async function get(id: string): Promise<AnnouncementDetail> {
    const row = await queries.findAnnouncement(db, id)
    if (!row) throw unknown()
    const [shown] = await shownOf([row])
    return {
      ...shown!,
      reach: await queries.countConcerned(db, { ...row, queuedTo: null }),
    }
  }

  /** Under the row's lock, so that two operators follow one another. */
  async function locked(id: string, act: (tx: Tx, row: AnnouncementRow) => Promise<void>): Promise<void> {
    await db.transaction(async (tx) => {
      const row = await queries.lockAnnouncement(tx, id)
      if (!row) throw unknown()
      await act(tx, row)
    })
  }

  async function audienceOf(tx: Tx, { to, workspaceId, language }: AudienceInput): Promise<Omit<Audience, 'kind'>> {
    const wrong = (member: string, detail: string) => requestInvalid({
      fields: [
        { pointer: `/audience/${member}`, detail },
      ],
    })
    if (to === 'workspace' && (!workspaceId || (await queries.listWorkspaceNames(tx, [workspaceId])).length === 0)) throw wrong('workspaceId', 'names no workspace')
    if (to === 'language' && !language) throw wrong('language', 'is missing')
    return {
      audience: to,
      audienceWorkspaceId: to === 'workspace'
        ? workspaceId!
        : null,
      audienceLanguage: to === 'language'
        ? language!
        : null,
    }
  }

  /** Better said while it is written than when it is sent. */
  function requireFits(row: Pick<AnnouncementRow, 'kind' | 'texts'>, sender: string): void {
    for (const language of languagesOf(row.texts)) {
      try {
        mails.render(row, language, sender)
      }
      catch (error) {
        if (!(error instanceof MailTooLarge)) throw error
        throw requestInvalid({
          fields: [
            { pointer: `/texts/${language}/markdown`, detail: 'makes a mail of more than 60 kB' },
          ],
        })
      }
    }
  }

  return {
    async list({ limit = 50, cursor }) {
      const position = decodeCursor(cursor, ['instant', 'id']) as [string, string] | undefined
      const rows = await queries.listAnnouncements(db, {
        after: position && {
          createdAt: new Date(position[0]),
          id: position[1],
        },
        limit: limit + 1,
      })
      const shown = rows.slice(0, limit)
      const last = shown.at(-1)
      return {
        items: await shownOf(shown),
        nextCursor: rows.length > limit && last
          ? encodeCursor([
              last.createdAt.toISOString(),
              last.id,
            ])
          : null,
      }
    },

    get,

    async create(caller, { kind, audience, texts, at, bannerDays = BANNER_DAYS }) {
      requireFits({ kind, texts }, await senderName())
      const [id, now] = [
        newId(),
        clock(),
      ]
      await db.transaction(async (tx) => {
        await queries.insertAnnouncement(tx, {
          id,
          kind,
          ...await audienceOf(tx, audience),
          texts,
          at: at
            ? new Date(at)
            : null,
          bannerDays,
          createdBy: caller.actor.id,
          createdAt: now,
          updatedAt: now,
        })
        await audit.record(tx, caller, announcementCreated({
          subject: subjectOf({ id, texts }),
          details: { kind },
        }))
      })
      return get(id)
    },

    async change(caller, id, { kind, audience, texts, at, bannerDays }, ifMatch) {
      const sender = await senderName()
      await locked(id, async (tx, row) => {
        requireDraft(row)
        requireMatch(ifMatch, row.revision)
        const next = {
          kind: kind ?? row.kind,
          texts: texts ?? row.texts,
          bannerDays: bannerDays ?? row.bannerDays,
          at: at === undefined
            ? row.at
            : at === null
              ? null
              : new Date(at),
          ...audience && await audienceOf(tx, audience),
        }
        requireFits(next, sender)
        await queries.changeAnnouncement(tx, id, {
          ...next,
          revision: row.revision + 1,
          updatedAt: clock(),
        })
        await audit.record(tx, caller, announcementChanged({
          subject: subjectOf({ id, texts: next.texts }),
        }))
      })
      return get(id)
    },

    async delete(caller, id) {
      await locked(id, async (tx, row) => {
        requireDraft(row)
        await queries.deleteAnnouncement(tx, id)
        await audit.record(tx, caller, announcementDeleted({
          subject: subjectOf(row),
        }))
      })
    },

    async preview(id, language) {
      const row = await queries.findAnnouncement(db, id)
      if (!row) throw unknown()
      return mails.render(row, language, await senderName())
    },

    async test(caller, id) {
      if (!mail.canSend) throw mailNotSetUp('Set SMTP_URL and MAIL_FROM, and start the server again')
      const sender = await senderName()
      await locked(id, async (tx, row) => {
        const user = (await queries.findUser(tx, caller.actor.id!))!
        await mails.queue(tx, row, sender, languagesOf(row.texts).map(language => ({
          ...user,
          id: caller.actor.id!,
          language,
          key: `announcement-test:${newId()}`,
        })))
      })
    },

    async start(caller, id, ifMatch) {
      await locked(id, async (tx, row) => {
        requireDraft(row)
        requireMatch(ifMatch, row.revision)
        const now = clock()
        const startsAt = row.at && row.at > now
          ? row.at
          : now
        await queries.changeAnnouncement(tx, id, {
          state: 'started',
          startsAt,
          revision: row.revision + 1,
          updatedAt: now,
        })
        if (startsAt === now) await jobs.send(tx, announcementsJob, {})
        await audit.record(tx, caller, announcementStartedEvent({
          subject: subjectOf(row),
          details: {
            kind: row.kind,
            startsAt: startsAt.toISOString(),
            people: await queries.countConcerned(tx, { ...row, queuedTo: null }),
          },
        }))
      })
      return get(id)
    },

    async stop(caller, id) {
      await locked(id, async (tx, row) => {
        if (row.state === 'draft') throw announcementNotStarted('There is nothing to stop')
        if (row.state === 'stopped') return
        const now = clock()
        await queries.changeAnnouncement(tx, id, {
          ...row.startsAt! > now
            ? { state: 'draft', startsAt: null }
            : { state: 'stopped', stoppedAt: now },
          revision: row.revision + 1,
          updatedAt: now,
        })
        await audit.record(tx, caller, announcementStopped({
          subject: subjectOf(row),
          details: { hadBegun: row.startsAt! <= now },
        }))
      })
      return get(id)
    },

    async listOwn(userId, language) {
      return (await queries.listShown(db, {
        userId,
        now: clock(),
      })).map(row => ({
        id: row.id,
        kind: row.kind,
        ...textFor(row.texts, language ?? row.language),
        startedAt: row.startsAt!.toISOString(),
      }))
    },

    async putAway(userId, id) {
      const now = clock()
      if (!await queries.isShown(db, { id, userId, now })) throw unknown()
      await queries.insertDismissal(db, { userId, announcementId: id, at: now })
    },

    ...createAnnouncementsSending({ db, clock, mail, mails, senderName }),
  }
}

const subjectOf = ({ id, texts }: Pick<AnnouncementRow, 'id' | 'texts'>) => ({ kind: 'announcement' as const, id, name: textFor(texts, 'en').subject })

function requireDraft({ state }: AnnouncementRow): void {
  if (state !== 'draft') throw announcementStarted('Only a draft can be changed')
}
