import type { Db, Executor, Tx } from '../../db/database.ts'
import type { Caller, CallingPerson } from '../../http/caller.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { AcceptancePlace } from './acceptances.policy.ts'
import type { AcceptanceInput, OwnAcceptance, PendingPolicy, PolicyAcceptance } from './acceptances.schemas.ts'
import { Readable } from 'node:stream'
import { notFound, requestInvalid } from '../../errors/common-errors.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { csvHead, csvLine } from '../audit/audit-export.ts'
import { policyAcceptancesExported, policyAccepted } from '../audit/audit.actions.ts'
import { bestLanguage } from '../policies/policies.policy.ts'
import { notInEffect } from './acceptances.errors.ts'
import * as queries from './acceptances.queries.ts'

export interface AcceptancesService {
  /**
   * What somebody has to agree to before they go on, each in the language of their account, else the first of these that it is in, else the deployment's.
   * @param userId null: somebody without an account
   */
  pendingOf: (userId: string | null, languages: readonly string[]) => Promise<PendingPolicy[]>
  /**
   * The texts that somebody without an account says they agree to. Before anything is looked up by their address: what this throws tells nothing of it.
   * @param needed all that is asked is to be among them
   * @throws {AppError} `policy.not_in_effect` for another text than the one in effect; `request.invalid` where one is missing
   */
  readGiven: (given: readonly AcceptanceInput[] | undefined, needed: boolean) => Promise<AgreedText[]>
  /** Inside the caller's transaction. @returns what the caller tells the log of it, last; what somebody without an account agrees to goes with their request, and the log would outlive that */
  keep: (tx: Tx, caller: Caller, texts: readonly AgreedText[], by: AgreedBy) => Promise<NewAuditEvent[]>
  /** Only ever the caller's own. Said twice, the first stays. @throws {AppError} `policy.not_in_effect` for another text than the one in effect */
  accept: (caller: Caller, person: CallingPerson, input: AcceptanceInput) => Promise<{ acceptance: OwnAcceptance, isNew: boolean }>
  /** What a person agreed to, newest first. */
  listOwn: (userId: string) => Promise<OwnAcceptance[]>
  /** @throws {AppError} `not_found` */
  listOfPolicy: (policyId: string, query: { q?: string, limit?: number, cursor?: string }) => Promise<{ items: PolicyAcceptance[], nextCursor: string | null, asked: number, agreed: number }>
  /** All of them, as CSV; the log tells that they were exported. @throws {AppError} `not_found` */
  exportOfPolicy: (caller: Caller, policyId: string, query: { q?: string }) => Promise<Readable>
}

/** What somebody agrees to, as it is in effect. */
export type AgreedText = queries.AskedText & { slug: string }

/** Who agrees, and where they were asked. */
export type AgreedBy = { userId: string, place: AcceptancePlace } | { requestId: string, email: string, place: 'request' }

const EXPORT_PAGE = 500

export function createAcceptancesService({ db, clock, newId, audit, instance }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  instance: Pick<InstanceService, 'settings'>
}): AcceptancesService {
  async function requirePolicy(policyId: string): Promise<{ slug: string }> {
    const policy = await queries.findPolicy(db, policyId)
    if (!policy) throw notFound('There is no such policy')
    return policy
  }

  /** Of all that is asked, in each language. */
  async function listTexts(executor: Executor, asked: readonly queries.Asked[]): Promise<AgreedText[]> {
    const slugs = new Map(asked.map(({ policyId, slug }) => [policyId, slug]))
    return (await queries.listAskedTexts(executor, asked, clock())).map(text => ({
      ...text,
      slug: slugs.get(text.policyId)!,
    }))
  }

  /** The one that was shown. @throws {AppError} `policy.not_in_effect` */
  function requireText(texts: readonly AgreedText[], shown: AcceptanceInput): AgreedText {
    const text = texts.find(each => (['slug', 'language', 'number', 'sha256'] as const).every(part => each[part] === shown[part]))
    if (!text) throw notInEffect('Read what is in effect now')
    return text
  }

  async function keep(tx: Tx, { origin }: Caller, texts: readonly AgreedText[], by: AgreedBy): Promise<NewAuditEvent[]> {
    const events: NewAuditEvent[] = []
    for (const { policyId, versionId, slug, title, number, language, sha256 } of texts) {
      const isNew = await queries.insertAcceptance(tx, {
        ...by,
        id: newId(),
        versionId,
        language,
        sha256,
        acceptedAt: clock(),
        ip: origin.ip,
      })
      if (!isNew || 'requestId' in by) continue
      events.push(policyAccepted({
        subject: { kind: 'policy', id: policyId, name: title },
        details: { slug, number, language, sha256 },
      }))
    }
    return events
  }

  return {
    async pendingOf(userId, languages) {
      const now = clock()
      const asked = await queries.listAsked(db, userId, { now, pending: true })
      if (asked.length === 0) return []
      const { policyLanguage } = await instance.settings()
      const texts = await queries.listAskedTexts(db, asked, now)
      return asked.map(({ policyId, slug, accepted, locale }) => {
        const own = texts.filter(text => text.policyId === policyId)
        const language = bestLanguage(own.map(text => text.language), locale === null
          ? languages
          : [locale, ...languages], policyLanguage)
        const { number, title, sha256, effectiveOn, summary } = own.find(text => text.language === language)!
        return {
          slug,
          number,
          title,
          language: language!,
          sha256,
          effectiveOn,
          acceptedNumber: accepted,
          summary: accepted === null
            ? ''
            : summary,
        }
      })
    },

    async readGiven(given = [], needed) {
      const asked = await queries.listAsked(db, null, {
        now: clock(),
      })
      const texts = await listTexts(db, asked)
      // One for each policy, whatever the languages.
      const agreed = new Map(given.map(each => [
        each.slug,
        requireText(texts, each),
      ]))
      const missing = asked.filter(({ slug }) => !agreed.has(slug))
      if (needed && missing.length > 0) {
        throw requestInvalid({
          detail: 'Agree first to what this server asks you to',
          fields: missing.map(({ slug }) => ({ pointer: '/acceptances', detail: `lacks “${slug}”` })),
        })
      }
      return [
        ...agreed.values(),
      ]
    },

    keep,

    async accept(caller, { userId }, input) {
      return db.transaction(async (tx) => {
        const asked = await queries.listAsked(tx, userId, {
          now: clock(),
          slug: input.slug,
        })
        const text = requireText(await listTexts(tx, asked), input)
        const { accepted, since } = asked[0]!
        const events = await keep(tx, caller, [text], {
          userId,
          place: accepted !== null && accepted >= since
            ? 'account'
            : 'sign-in',
        })
        const [row] = await queries.listOwn(tx, userId, text.versionId)
        if (events.length > 0) await audit.record(tx, caller, ...events)
        return {
          acceptance: presentOwn(row!),
          isNew: events.length > 0,
        }
      })
    },

    listOwn: async userId => (await queries.listOwn(db, userId)).map(presentOwn),

    async listOfPolicy(policyId, { q, limit = 50, cursor }) {
      const position = decodeCursor(cursor, ['instant', 'id'])
      await requirePolicy(policyId)
      const rows = await queries.listOfPolicy(db, policyId, {
        q,
        after: position && { acceptedAt: position[0] as string, id: position[1] as string },
        limit: limit + 1,
      })
      const items = rows.slice(0, limit).map(present)
      const last = items.at(-1)
      return {
        items,
        nextCursor: rows.length > limit && last
          ? encodeCursor([last.acceptedAt, last.id])
          : null,
        ...await queries.countAgreed(db, policyId, clock()),
      }
    },

    async exportOfPolicy(caller, policyId, { q }) {
      const { slug } = await requirePolicy(policyId)
      await audit.recordAlone(caller, policyAcceptancesExported({
        subject: { kind: 'policy', id: policyId, name: slug },
        details: { search: q },
      }))
      async function* lines(): AsyncGenerator<string> {
        yield csvHead([
          'time',
          'name',
          'e-mail address',
          'person',
          'version',
          'title',
          'language',
          'sha-256',
          'where',
          'ip address',
        ])
        let after: { acceptedAt: string, id: string } | undefined
        for (;;) {
          const items = (await queries.listOfPolicy(db, policyId, { q, after, limit: EXPORT_PAGE })).map(present)
          yield items.map(each => csvLine([
            each.acceptedAt,
            each.person?.name ?? '',
            each.email,
            each.person?.id ?? '',
            each.number,
            each.title,
            each.language,
            each.sha256,
            each.place,
            each.ip,
          ])).join('')
          after = items.at(-1)
          if (items.length < EXPORT_PAGE) return
        }
      }
      return Readable.from(lines(), { objectMode: false })
    },
  }
}

const presentOwn = ({ acceptedAt, ...row }: queries.OwnRow): OwnAcceptance => ({
  ...row,
  acceptedAt: acceptedAt.toISOString(),
})

const present = ({ userId, name, slug: _, acceptedAt, ...row }: queries.AcceptanceRow): PolicyAcceptance => ({
  ...row,
  person: userId === null
    ? null
    : { id: userId, name: name! },
  acceptedAt: acceptedAt.toISOString(),
})
