import type { FactLanguage } from '../../facts/live-fact.ts'
import type { Caller } from '../../http/caller.ts'
import type { PoliciesFromFiles } from './policies-from-files.ts'
import type { PoliciesContext, PoliciesOptions } from './policies.context.ts'
import type { Starter } from './policies.placeholders.ts'
import type { DraftRow, PolicyRow } from './policies.queries.ts'
import type { Policy, PolicyChange, PolicyFact, PolicyInput, PolicyKind, PolicyPreview, PolicyPreviewInput, PolicyPublication } from './policies.schemas.ts'
import type { PolicyDriftWatch } from './policy-drift.ts'
import type { PublicPolicies } from './public-policies.ts'
import { isDeepStrictEqual } from 'node:util'
import { violatedConstraint } from '../../db/db-errors.ts'
import { conflict, notFound, preconditionFailed, requestInvalid } from '../../errors/common-errors.ts'
import { factLanguageOf } from '../../facts/live-fact.ts'
import { isLanguage } from '../../http/languages.ts'
import { policyApproved, policyCreated, policyDraftChanged, policyDraftDeleted, policyWithdrawn } from '../audit/audit.actions.ts'
import { changesOf } from '../audit/audit.details.ts'
import { createPoliciesFromFiles } from './policies-from-files.ts'
import { createContext, noSuchPolicy, policySubject, requireWrittenHere } from './policies.context.ts'
import { ownReview, slugFixed, slugTaken, tooMany } from './policies.errors.ts'
import { bestLanguage, contentHash } from './policies.policy.ts'
import * as queries from './policies.queries.ts'
import { factsNamedIn, wordsOf } from './policy-directives.ts'
import { createDriftWatch } from './policy-drift.ts'
import { presentPolicy, renderDraft, titleOf } from './policy-presenter.ts'
import { createPublication } from './policy-publication.ts'
import { createPublicPolicies } from './public-policies.ts'

/** What can be done with the policies of one owner. */
export interface OwnedPolicies extends Pick<PublicPolicies, 'listPublished' | 'getPublished'> {
  list: (caller: Caller, language?: string) => Promise<Policy[]>
  get: (caller: Caller, policyId: string, language?: string) => Promise<Policy>
  /** Without Markdown: begins with the starter text of its kind. @throws {AppError} `policy.slug_taken`; `policy.too_many` in a workspace */
  create: (caller: Caller, input: PolicyInput) => Promise<Policy>
  /** Changes the draft of a language, which it begins if there is none. The slug only while nothing is published: versions stay at stable addresses. @throws {AppError} `policy.slug_fixed`, `policy.slug_taken`, `precondition.failed` */
  change: (caller: Caller, policyId: string, change: PolicyChange, ifMatch: string | undefined) => Promise<Policy>
  /** The language is no longer written; what was published in it stays. @throws {AppError} `conflict` for the last one */
  deleteDraft: (caller: Caller, policyId: string, language: string, ifMatch: string | undefined) => Promise<Policy>
  /** See `policy-publication.ts`. */
  publish: (caller: Caller, policyId: string, publication: PolicyPublication, ifMatch: string | undefined) => Promise<Policy>
  /** No longer linked; published versions stay readable at their addresses. A draft that was never published goes away. */
  withdraw: (caller: Caller, policyId: string) => Promise<void>
  /** A text as readers would have it now. */
  preview: (input: PolicyPreviewInput, language?: string) => Promise<PolicyPreview>
}

/** Those of the deployment; and the way to those of workspaces. */
export interface PoliciesService extends OwnedPolicies, PublicPolicies, PolicyDriftWatch, PoliciesFromFiles {
  /** Says that exactly these drafts may be published. @throws {AppError} `policy.own_review`; `precondition.failed` when they are others by now */
  approve: (caller: Caller, policyId: string, sha256: string) => Promise<Policy>
  ofWorkspace: (workspaceId: string) => OwnedPolicies
  /** By the slug in its address. @throws {AppError} `not_found`, as for a policy that is not there: nobody learns which workspaces there are */
  ofWorkspaceAt: (slug: string) => Promise<OwnedPolicies>
  /** What a text may name, and what it would say. */
  listFacts: (language?: string) => Promise<PolicyFact[]>
  /** The text that a kind begins with. */
  starter: (kind: PolicyKind, language?: string) => Promise<Starter>
}

/** Of one workspace, the withdrawn too: their versions stay. */
const MOST_POLICIES = 20
/** Of one of its policies. */
const MOST_LANGUAGES = 10

export function createPoliciesService(options: PoliciesOptions): PoliciesService {
  const context = createContext(options, null)
  return {
    ...createOwned(context),
    ...createDriftWatch(context),
    ...createPoliciesFromFiles(context, createPublication(context)),

    ofWorkspace: workspaceId => createOwned(createContext(options, workspaceId)),

    async ofWorkspaceAt(slug) {
      const workspace = await queries.findWorkspace(options.db, { slug })
      if (!workspace) throw noSuchPolicy()
      return createOwned(createContext(options, workspace.id))
    },
  }
}

function createOwned(context: PoliciesContext): Omit<PoliciesService, keyof PolicyDriftWatch | keyof PoliciesFromFiles | 'ofWorkspace' | 'ofWorkspaceAt'> {
  const { owner, db, audit, clock, newId, here, place, readFacts, changeLocked, starter, about } = context
  const publication = createPublication(context)

  async function present(caller: Caller, rows: PolicyRow[], language: string | undefined): Promise<Policy[]> {
    const ids = rows.map(row => row.id)
    const today = await here()
    const { path } = await place()
    const drafts = await queries.listDrafts(db, ids)
    const versions = await queries.listVersions(db, ids)
    const heads = await queries.listTextHeads(db, ids)
    const newest = await queries.newestTexts(db, ids)
    const inEffect = await queries.newestTexts(db, ids, today.today)
    const known = await readFacts([
      ...drafts.flatMap(draft => [
        draft.markdown,
        ...draft.highlights.map(({ sentence }) => sentence),
      ].flatMap(factsNamedIn)),
      ...[
        ...newest,
        ...inEffect,
      ].flatMap(text => Object.keys(text.facts)),
    ])
    const drifts = await queries.listDrifts(db, ids)
    const names = await queries.namesOf(db, rows.flatMap(row => row.approvedBy ?? []))
    const own = <T extends { policyId: string }>(list: readonly T[], row: PolicyRow) => list.filter(({ policyId }) => policyId === row.id)
    return rows.map(row => presentPolicy(row, {
      drafts: own(drafts, row),
      versions: own(versions, row),
      heads,
      newest: own(newest, row),
      inEffect: own(inEffect, row),
      drifts,
      known,
      names,
      here: today,
      path,
      now: clock(),
      readerId: caller.actor.id,
      inWords: factLanguageOf(language),
    }))
  }

  async function get(caller: Caller, policyId: string, language?: string): Promise<Policy> {
    const row = await queries.findPolicy(db, owner, policyId)
    if (!row) throw noSuchPolicy()
    return (await present(caller, [row], language))[0]!
  }

  return {
    ...createPublicPolicies(context),

    list: async (caller, language) => present(caller, await queries.listPolicies(db, owner), language),

    get,

    async create(caller, input) {
      const language = requireLanguage(input.language ?? (await here()).language)
      const beginning = input.markdown === undefined
        ? starter(input.kind, language)
        : undefined
      const now = clock()
      const row = {
        id: newId(),
        workspaceId: owner,
        kind: input.kind,
        slug: input.slug,
        createdAt: now,
        updatedAt: now,
        editedBy: caller.actor.id,
      }
      await db.transaction(async (tx) => {
        if (owner !== null && await queries.countLocked(tx, owner) >= MOST_POLICIES) throw tooMany(`A workspace has at most ${MOST_POLICIES} policies, those that were withdrawn included`)
        await queries.insertPolicy(tx, row)
        await queries.saveDraft(tx, {
          policyId: row.id,
          language,
          title: input.title,
          markdown: input.markdown ?? beginning!.markdown,
          highlights: input.highlights ?? beginning?.highlights ?? [],
        })
        await audit.record(tx, caller, policyCreated({
          ...about(row.id, input.title),
          details: { kind: row.kind, slug: row.slug },
        }))
      }).catch(mapSlugTaken)
      return get(caller, row.id)
    },

    async change(caller, policyId, change, ifMatch) {
      const { language: own } = await here()
      await changeLocked(policyId, ifMatch, async (tx, row) => {
        requireWrittenHere(row)
        const drafts = await queries.listDrafts(tx, [policyId])
        const language = requireLanguage(change.language ?? bestLanguage(drafts.map(draft => draft.language), [], own) ?? own)
        const draft = drafts.find(each => each.language === language)
        if (owner !== null && !draft && drafts.length >= MOST_LANGUAGES) throw tooMany(`A policy of a workspace has at most ${MOST_LANGUAGES} languages`)
        const next = await nextDraft(row, drafts, language, change)
        const frame = { slug: change.slug ?? row.slug, acceptance: change.acceptance ?? row.acceptance }
        if (frame.slug !== row.slug && (await queries.listVersions(tx, [policyId])).length > 0) throw slugFixed('Published versions stay at their addresses')
        const isOther = !isDeepStrictEqual(next, draft)
        if (!isOther && frame.slug === row.slug && frame.acceptance === row.acceptance) return
        if (isOther) await queries.saveDraft(tx, next)
        const now = clock()
        await queries.updatePolicy(tx, policyId, {
          ...frame,
          ...isOther
            ? { editedBy: caller.actor.id }
            : {},
          revision: row.revision + 1,
          updatedAt: now,
        })
        await audit.record(tx, caller, policyDraftChanged({
          ...about(policyId, titleOf([
            next,
            ...drafts.filter(each => each !== draft),
          ], own)),
          details: draft
            ? draftChanges({
                ...row,
                ...draft,
              }, {
                ...frame,
                ...next,
              })
            : {
                changed: ['language'],
                language,
              },
        }))
      }).catch(mapSlugTaken)
      return get(caller, policyId)
    },

    async deleteDraft(caller, policyId, language, ifMatch) {
      const { language: own } = await here()
      await changeLocked(policyId, ifMatch, async (tx, row) => {
        requireWrittenHere(row)
        const drafts = await queries.listDrafts(tx, [policyId])
        if (!drafts.some(draft => draft.language === language)) throw notFound('There is no draft in this language')
        if (drafts.length === 1) throw conflict('A policy has a text in one language at least')
        await queries.deleteDraft(tx, policyId, language)
        await queries.updatePolicy(tx, policyId, {
          editedBy: caller.actor.id,
          revision: row.revision + 1,
          updatedAt: clock(),
        })
        await audit.record(tx, caller, policyDraftChanged({
          ...about(policyId, titleOf(drafts, own)),
          details: {
            changed: ['language'],
            language,
          },
        }))
      })
      return get(caller, policyId)
    },

    async publish(caller, policyId, input, ifMatch) {
      await publication.publish(caller, policyId, input, ifMatch)
      return get(caller, policyId)
    },

    async approve(caller, policyId, sha256) {
      const { language } = await here()
      await changeLocked(policyId, undefined, async (tx, row) => {
        requireWrittenHere(row)
        const drafts = await queries.listDrafts(tx, [policyId])
        if (contentHash(drafts) !== sha256) throw preconditionFailed('Load it again: these are not the drafts that you have read')
        if (row.editedBy !== null && row.editedBy === caller.actor.id) throw ownReview('You wrote in it last')
        if (row.approvedSha256 === sha256 && row.approvedBy !== null && row.approvedBy !== row.editedBy) return
        await queries.updatePolicy(tx, policyId, {
          approvedBy: caller.actor.id,
          approvedAt: clock(),
          approvedSha256: sha256,
          revision: row.revision + 1,
        })
        await audit.record(tx, caller, policyApproved({
          subject: policySubject(policyId, titleOf(drafts, language)),
          details: { sha256 },
        }))
      })
      return get(caller, policyId)
    },

    async withdraw(caller, policyId) {
      const { language } = await here()
      await changeLocked(policyId, undefined, async (tx, row) => {
        requireWrittenHere(row)
        const [last] = await queries.listVersions(tx, [policyId])
        const subject = about(policyId, titleOf(await queries.listDrafts(tx, [policyId]), language))
        if (!last) {
          await queries.deletePolicy(tx, policyId)
          await audit.record(tx, caller, policyDraftDeleted({
            ...subject,
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
          ...subject,
          details: { number: last.number },
        }))
      })
    },

    async preview({ language, markdown, highlights = [] }, reads) {
      const known = await readFacts([
        markdown,
        ...highlights.map(({ sentence }) => sentence),
      ].flatMap(factsNamedIn))
      const { facts: _, ...rendered } = renderDraft({
        title: '',
        language: requireLanguage(language),
        markdown,
        highlights,
      }, known, factLanguageOf(reads))
      return {
        ...rendered,
        highlights: rendered.highlights.map(({ source: __, ...shown }) => shown),
      }
    },

    async listFacts(reads) {
      const language: FactLanguage = factLanguageOf(reads)
      return [
        ...(await readFacts()).values(),
      ].map(known => ({
        name: known.fact.name,
        form: known.fact.form,
        label: known.fact.label[language],
        words: known.value === null
          ? known.fact.missing?.[language] ?? ''
          : wordsOf(known, known.fact.form, language),
        isOpen: known.value === null,
      }))
    },

    async starter(kind, language) {
      return starter(kind, language ?? (await here()).language)
    },
  }

  /** A draft with a change; one that is not there yet begins with what its kind begins with, and with another language's title where that has none. */
  async function nextDraft(row: PolicyRow, drafts: DraftRow[], language: string, change: PolicyChange): Promise<DraftRow> {
    const draft = drafts.find(each => each.language === language)
      ?? {
        policyId: row.id,
        language,
        highlights: [],
        ...change.markdown === undefined || change.title === undefined
          ? await starter(row.kind, language)
          : { title: '', markdown: '' },
      }
    return {
      ...draft,
      title: change.title ?? (draft.title || titleOf(drafts, language)),
      markdown: change.markdown ?? draft.markdown,
      highlights: change.highlights ?? draft.highlights,
    }
  }
}

/** @throws {AppError} `request.invalid` for what has the form of one and is none */
function requireLanguage(language: string): string {
  if (isLanguage(language)) return language
  throw requestInvalid({
    fields: [
      { pointer: '/language', detail: 'is no language that this server knows' },
    ],
  })
}

function mapSlugTaken(error: unknown): never {
  if (['policies_slug_unique', 'policies_workspace_slug_unique'].includes(violatedConstraint(error) ?? '')) {
    throw slugTaken({
      detail: 'Another policy has this address',
      fields: [
        { pointer: '/slug', detail: 'is taken' },
      ],
    })
  }
  throw error
}

type Changed = Pick<PolicyRow, 'slug' | 'acceptance'> & DraftRow

function draftChanges(before: Changed, next: Changed) {
  const texts = {
    title: 'title',
    slug: 'slug',
    markdown: 'text',
    highlights: 'highlights',
    acceptance: 'acceptance',
  } as const
  return {
    changed: (Object.keys(texts) as (keyof typeof texts)[]).filter(name => !isDeepStrictEqual(before[name], next[name])).map(name => texts[name]),
    language: next.language,
    ...changesOf(before, next, ['slug', 'title', 'acceptance']),
  }
}
