import type { Config } from '../../config/config.ts'
import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { AuditSubject } from '../audit/define-action.ts'
import type { PolicyRow, VersionRow } from './policies.queries.ts'
import type { Policy, PolicyChange, PolicyInput, PolicyListing, PolicyPublication, PolicyVersionSummary, PublishedPolicy } from './policies.schemas.ts'

import { violatedConstraint } from '../../db/db-errors.ts'
import { notFound, requestInvalid } from '../../errors/common-errors.ts'
import { requireMatch, revisionTag } from '../../http/etag.ts'
import { policyCreated, policyDraftChanged, policyDraftDeleted, policyPublished, policyWithdrawn } from '../audit/audit.actions.ts'
import { changesOf } from '../audit/audit.details.ts'
import { effectiveInPast, nothingToPublish, placeholderLeft, slugFixed, slugTaken } from './policies.errors.ts'
import { placeholdersIn } from './policies.placeholders.ts'
import { differs, sha256, upcomingVersion, utcDay, versionInEffect } from './policies.policy.ts'
import * as queries from './policies.queries.ts'
import { starterText } from './policies.starter.ts'

export interface PoliciesService {
  /** Those with a version in effect, in their order. */
  listPublished: () => Promise<PolicyListing[]>
  /** The version in effect, or the one asked for. @throws {AppError} `not_found` */
  getPublished: (slug: string, number?: number) => Promise<PublishedPolicy>
  list: () => Promise<Policy[]>
  get: (policyId: string) => Promise<Policy>
  /** Without Markdown: begins with the starter text of its kind. @throws {AppError} `policy.slug_taken` */
  create: (caller: Caller, input: PolicyInput) => Promise<Policy>
  /** Changes the draft. The slug only while nothing is published: versions stay at stable addresses. @throws {AppError} `policy.slug_fixed`, `policy.slug_taken`, `precondition.failed` */
  change: (caller: Caller, policyId: string, change: PolicyChange, ifMatch: string | undefined) => Promise<Policy>
  /** Freezes the draft as a version. Brings back a withdrawn policy. @throws {AppError} `policy.nothing_to_publish`, `policy.effective_in_past`, `policy.placeholder_left`, `precondition.failed` */
  publish: (caller: Caller, policyId: string, publication: PolicyPublication, ifMatch: string | undefined) => Promise<Policy>
  /** No longer linked; published versions stay readable at their addresses. A draft that was never published goes away. */
  withdraw: (caller: Caller, policyId: string) => Promise<void>
}

export interface PoliciesServiceOptions {
  db: Db
  audit: AuditLog
  clock: () => Date
  newId: () => string
  config: Pick<Config, 'deployment'>
}

export function createPoliciesService({ db, audit, clock, newId, config }: PoliciesServiceOptions): PoliciesService {
  const today = () => utcDay(clock())
  const noSuchPolicy = () => notFound('There is no such policy')
  const subjectOf = ({ id, draftTitle }: { id: string, draftTitle: string }) => ({ kind: 'policy', id, name: draftTitle }) satisfies AuditSubject

  async function get(policyId: string): Promise<Policy> {
    const row = await queries.findPolicy(db, policyId)
    if (!row) throw noSuchPolicy()
    return toPolicy(row, await queries.listVersions(db, [policyId]), today())
  }

  /** Changes a policy under its row's lock, so that two operators follow one another. */
  async function changeLocked(policyId: string, ifMatch: string | undefined, change: (tx: Parameters<Parameters<Db['transaction']>[0]>[0], row: PolicyRow, versions: VersionRow[]) => Promise<void>): Promise<void> {
    await db.transaction(async (tx) => {
      const row = await queries.lockPolicy(tx, policyId)
      if (!row) throw noSuchPolicy()
      requireMatch(ifMatch, row.revision)
      await change(tx, row, await queries.listVersions(tx, [policyId]))
    }).catch(mapSlugTaken)
  }

  return {
    async listPublished() {
      const rows = (await queries.listPolicies(db)).filter(row => row.withdrawnAt === null)
      const versions = Map.groupBy(await queries.listVersions(db, rows.map(row => row.id)), version => version.policyId)
      return rows.flatMap((row): PolicyListing[] => {
        const current = versionInEffect(versions.get(row.id) ?? [], today())
        return current
          ? [
              {
                kind: row.kind,
                slug: row.slug,
                title: current.title,
                effectiveOn: current.effectiveOn,
              },
            ]
          : []
      })
    },

    async getPublished(slug, number) {
      const row = await queries.findPolicyBySlug(db, slug)
      if (!row) throw noSuchPolicy()
      const versions = await queries.listVersions(db, [row.id])
      const current = row.withdrawnAt === null
        ? versionInEffect(versions, today())
        : undefined
      const version = number === undefined
        ? current
        : versions.find(candidate => candidate.number === number)
      if (!version) throw noSuchPolicy()
      const upcoming = row.withdrawnAt === null
        ? upcomingVersion(versions, today())
        : undefined
      return {
        kind: row.kind,
        slug: row.slug,
        ...toSummary(version),
        markdown: await queries.getMarkdown(db, version.id),
        current: version === current,
        upcoming: upcoming
          ? { number: upcoming.number, effectiveOn: upcoming.effectiveOn }
          : null,
        versions: versions.map(toSummary),
      }
    },

    async list() {
      const rows = await queries.listPolicies(db)
      const versions = Map.groupBy(await queries.listVersions(db, rows.map(row => row.id)), version => version.policyId)
      return rows.map(row => toPolicy(row, versions.get(row.id) ?? [], today()))
    },

    get,

    async create(caller, input) {
      const markdown = input.markdown ?? starterText(input.kind, config.deployment, 'en').markdown
      const now = clock()
      const row = {
        id: newId(),
        kind: input.kind,
        slug: input.slug,
        draftTitle: input.title,
        draftMarkdown: markdown,
        createdAt: now,
        updatedAt: now,
      }
      await db.transaction(async (tx) => {
        await queries.insertPolicy(tx, row)
        await audit.record(tx, caller, policyCreated({
          subject: subjectOf(row),
          details: { kind: row.kind, slug: row.slug },
        }))
      }).catch(mapSlugTaken)
      return get(row.id)
    },

    async change(caller, policyId, change, ifMatch) {
      await changeLocked(policyId, ifMatch, async (tx, row, versions) => {
        const next = {
          slug: change.slug ?? row.slug,
          draftTitle: change.title ?? row.draftTitle,
          draftMarkdown: change.markdown ?? row.draftMarkdown,
        }
        if (next.slug !== row.slug && versions.length > 0) throw slugFixed('Published versions stay at their addresses')
        if (next.slug === row.slug && next.draftTitle === row.draftTitle && next.draftMarkdown === row.draftMarkdown) return
        await queries.updatePolicy(tx, policyId, {
          ...next,
          revision: row.revision + 1,
          updatedAt: clock(),
        })
        await audit.record(tx, caller, policyDraftChanged({
          subject: subjectOf({ id: policyId, draftTitle: next.draftTitle }),
          details: draftChanges(row, next),
        }))
      })
      return get(policyId)
    },

    async publish(caller, policyId, { effectiveOn, summary }, ifMatch) {
      if (effectiveOn < today()) {
        throw effectiveInPast({
          fields: [
            { pointer: '/effectiveOn', detail: `is before today, ${today()} (UTC)` },
          ],
        })
      }
      await changeLocked(policyId, ifMatch, async (tx, row, versions) => {
        const last = versions[0]
        if (last && row.withdrawnAt === null && !differs(row, last)) throw nothingToPublish('The draft is the same as the last version')
        if (last && summary === undefined) {
          throw requestInvalid({
            fields: [
              { pointer: '/summary', detail: 'what changed since the last version is missing' },
            ],
          })
        }
        const left = placeholdersIn(`${row.draftTitle}\n${row.draftMarkdown}`)
        if (left.length > 0) {
          throw placeholderLeft({
            detail: `Fill in or remove first: ${left.join(' · ')}`,
            fields: left.map(detail => ({ pointer: '/draftMarkdown', detail })),
          })
        }
        const version = {
          id: newId(),
          policyId,
          number: (last?.number ?? 0) + 1,
          title: row.draftTitle,
          markdown: row.draftMarkdown,
          summary: summary ?? '',
          sha256: sha256(row.draftMarkdown),
          effectiveOn,
          publishedAt: clock(),
          publishedBy: caller.actor.id,
        }
        await queries.insertVersion(tx, version)
        await queries.updatePolicy(tx, policyId, {
          withdrawnAt: null,
          revision: row.revision + 1,
          updatedAt: version.publishedAt,
        })
        await audit.record(tx, caller, policyPublished({
          subject: subjectOf(row),
          details: { number: version.number, effectiveOn, sha256: version.sha256 },
        }))
      })
      return get(policyId)
    },

    async withdraw(caller, policyId) {
      await changeLocked(policyId, undefined, async (tx, row, versions) => {
        if (versions.length === 0) {
          await queries.deletePolicy(tx, policyId)
          await audit.record(tx, caller, policyDraftDeleted({
            subject: subjectOf(row),
            details: { kind: row.kind, slug: row.slug },
          }))
          return
        }
        if (row.withdrawnAt !== null) return
        const now = clock()
        await queries.updatePolicy(tx, policyId, {
          withdrawnAt: now,
          revision: row.revision + 1,
          updatedAt: now,
        })
        await audit.record(tx, caller, policyWithdrawn({
          subject: subjectOf(row),
          details: { number: versions[0]!.number },
        }))
      })
    },
  }
}

function mapSlugTaken(error: unknown): never {
  if (violatedConstraint(error) === 'policies_slug_unique') {
    throw slugTaken({
      detail: 'Another policy has this address',
      fields: [
        { pointer: '/slug', detail: 'is taken' },
      ],
    })
  }
  throw error
}

function draftChanges(before: PolicyRow, next: Pick<PolicyRow, 'slug' | 'draftTitle' | 'draftMarkdown'>) {
  const { slug, draftTitle: title, draftMarkdown } = changesOf(before, next, ['slug', 'draftTitle', 'draftMarkdown'])
  return {
    changed: [
      ...title
        ? ['title' as const]
        : [],
      ...slug
        ? ['slug' as const]
        : [],
      ...draftMarkdown
        ? ['text' as const]
        : [],
    ],
    title,
    slug,
  }
}

function toSummary({ number, title, summary, effectiveOn, publishedAt, sha256 }: VersionRow): PolicyVersionSummary {
  return {
    number,
    title,
    summary,
    effectiveOn,
    publishedAt: publishedAt.toISOString(),
    sha256,
  }
}

function toPolicy(row: PolicyRow, versions: VersionRow[], today: string): Policy {
  return {
    id: row.id,
    kind: row.kind,
    slug: row.slug,
    draftTitle: row.draftTitle,
    draftMarkdown: row.draftMarkdown,
    etag: revisionTag(row.revision),
    updatedAt: row.updatedAt.toISOString(),
    withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
    hasUnpublishedChanges: versions[0] === undefined || differs(row, versions[0]),
    currentNumber: row.withdrawnAt === null
      ? versionInEffect(versions, today)?.number ?? null
      : null,
    versions: versions.map(toSummary),
  }
}
