import type { Db, Tx } from '../../db/database.ts'
import type { Caller, CallingPerson } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { AcceptancePlace } from './acceptances.policy.ts'
import type { AcceptanceInput, OwnAcceptance, PendingPolicy, PolicyAcceptance } from './acceptances.schemas.ts'
import { Readable } from 'node:stream'
import { notFound } from '../../errors/common-errors.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { csvHead, csvLine } from '../audit/audit-export.ts'
import { policyAccepted } from '../audit/audit.actions.ts'
import { bestLanguage } from '../policies/policies.policy.ts'
import { notInEffect } from './acceptances.errors.ts'
import * as queries from './acceptances.queries.ts'

export interface AcceptancesService {
  /** What somebody has to agree to before they go on, each in the language of their account, else the first of these that it is in, else the deployment's. */
  pendingOf: (userId: string, languages: readonly string[]) => Promise<PendingPolicy[]>
  /** Only ever the caller's own. Said twice, the first stays. @throws {AppError} `policy.not_in_effect` for another text than the one in effect */
  accept: (caller: Caller, person: CallingPerson, input: AcceptanceInput) => Promise<{ acceptance: OwnAcceptance, isNew: boolean }>
  /** What a person agreed to, newest first. */
  listOwn: (userId: string) => Promise<OwnAcceptance[]>
  /** @throws {AppError} `not_found` */
  listOfPolicy: (policyId: string, query: { q?: string, limit?: number, cursor?: string }) => Promise<{ items: PolicyAcceptance[], nextCursor: string | null, asked: number, agreed: number }>
  /** All of them, as CSV. @throws {AppError} `not_found` */
  exportOfPolicy: (policyId: string, query: { q?: string }) => Promise<Readable>
}

const EXPORT_PAGE = 500

export function createAcceptancesService({ db, clock, newId, audit, instance }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  instance: Pick<InstanceService, 'settings'>
}): AcceptancesService {
  async function requirePolicy(policyId: string): Promise<void> {
    if (!await queries.policyExists(db, policyId)) throw notFound('There is no such policy')
  }

  /** Inside the caller's transaction: what was said goes with where it was said. */
  async function record(tx: Tx, caller: Caller, userId: string, input: AcceptanceInput, place: (asked: queries.Asked) => AcceptancePlace) {
    const now = clock()
    const asked = await queries.listAsked(tx, userId, { now, slug: input.slug })
    const text = (await queries.listAskedTexts(tx, asked, now)).find(({ language }) => language === input.language)
    if (!text || text.number !== input.number || text.sha256 !== input.sha256) throw notInEffect('Read what is in effect now')
    const isNew = await queries.insertAcceptance(tx, {
      id: newId(),
      versionId: text.versionId,
      language: text.language,
      sha256: text.sha256,
      userId,
      place: place(asked[0]!),
      acceptedAt: now,
      ip: caller.origin.ip,
    })
    if (isNew) {
      await audit.record(tx, caller, policyAccepted({
        subject: { kind: 'policy', id: text.policyId, name: text.title },
        details: {
          slug: input.slug,
          number: text.number,
          language: text.language,
          sha256: text.sha256,
        },
      }))
    }
    return { isNew, versionId: text.versionId }
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

    async accept(caller, { userId }, input) {
      return db.transaction(async (tx) => {
        const { isNew, versionId } = await record(tx, caller, userId, input, ({ accepted, since }) => (accepted !== null && accepted >= since
          ? 'account'
          : 'sign-in'))
        const [row] = await queries.listOwn(tx, userId, versionId)
        return {
          acceptance: presentOwn(row!),
          isNew,
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

    async exportOfPolicy(policyId, { q }) {
      await requirePolicy(policyId)
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
