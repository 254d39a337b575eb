import type { Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { PoliciesContext } from './policies.context.ts'
import type { DraftRow, PolicyRow } from './policies.queries.ts'
import type { PolicyPublication } from './policies.schemas.ts'
import type { RenderedDraft } from './policy-presenter.ts'
import { AppError } from '../../errors/app-error.ts'
import { requestInvalid } from '../../errors/common-errors.ts'
import { policyPublished } from '../audit/audit.actions.ts'
import { requireWrittenHere } from './policies.context.ts'
import { directiveWrong, effectiveInPast, notApproved, nothingToPublish, placeholderLeft, textTooLong, tooMany } from './policies.errors.ts'
import { bestLanguage, contentHash, sha256 } from './policies.policy.ts'
import * as queries from './policies.queries.ts'
import { differs, isRewritten, renderDraft, titleOf } from './policy-presenter.ts'

/* Of one policy of a workspace, whose people do not run this server: all versions are listed for everybody, and kept for ever. */
const MOST_VERSIONS = 100
const MOST_BYTES = 4 * 2 ** 20

export interface Publication {
  /**
   * Freezes drafts, and what the facts in them are now, as a version. Brings back a withdrawn policy.
   * @throws {AppError} `policy.nothing_to_publish`, `policy.effective_in_past`, `policy.directive_wrong`, `policy.placeholder_left`, `policy.text_too_long`, `policy.not_approved`, `policy.from_file`, `policy.too_many`, `precondition.failed`
   */
  publish: (caller: Caller, policyId: string, publication: PolicyPublication, ifMatch: string | undefined) => Promise<void>
  /**
   * The same for what `putIntoDrafts` puts there, in one transaction: what is refused changes nothing. Where there is nothing to publish, the drafts stay.
   * The first version may have begun before, another begins with its text or its day, and whoever may put files there has approved them.
   * @throws {AppError} as `publish`, but for `policy.nothing_to_publish`
   */
  publishFiles: (caller: Caller, publication: PolicyPublication, putIntoDrafts: (tx: Tx) => Promise<string>) => Promise<void>
}

export function createPublication(context: PoliciesContext): Publication {
  const { db, owner, audit, clock, newId, here, readFacts, changeLocked, about } = context

  /** What is read before a row is locked. @returns what publishes under the lock */
  async function prepare(caller: Caller, { effectiveOn, summary, texts, acceptAgain = false }: PolicyPublication, { fromFiles }: { fromFiles: boolean }) {
    const { today, timeZone, language, isReviewed } = await here()
    const requireToCome = () => {
      if (effectiveOn >= today) return
      throw effectiveInPast({
        fields: [
          { pointer: '/effectiveOn', detail: `is before today, ${today} (${timeZone})` },
        ],
      })
    }
    if (!fromFiles) requireToCome()
    const known = await readFacts()
    return async (tx: Tx, row: PolicyRow) => {
      const policyId = row.id
      if (!fromFiles) requireWrittenHere(row)
      const drafts = await queries.listDrafts(tx, [policyId])
      const chosen = chosenOf(drafts, texts)
      const [last] = await queries.listVersions(tx, [policyId])
      const newest = new Map((await queries.newestTexts(tx, [policyId])).map(text => [text.language, text]))
      const isChanged = chosen.some(draft => !newest.has(draft.language) || (fromFiles
        ? isRewritten(draft, newest.get(draft.language)!)
        : differs(draft, newest.get(draft.language)!, known))) || (fromFiles && last?.effectiveOn !== effectiveOn)
      if (row.withdrawnAt === null && !isChanged) throw nothingToPublish('The drafts are the same as what was published last')
      if (last) requireToCome()
      if (owner !== null && last && last.number >= MOST_VERSIONS) throw tooMany(`A policy of a workspace has at most ${MOST_VERSIONS} versions: go on in another one`)

      const summaries = chosen.map((draft, index) => {
        const own = texts?.find(text => text.language === draft.language)?.summary ?? summary
        if (own === undefined && newest.has(draft.language)) {
          throw requestInvalid({
            fields: [
              {
                pointer: texts
                  ? `/texts/${index}/summary`
                  : '/summary',
                detail: 'what changed since the last version is missing',
              },
            ],
          })
        }
        return own ?? ''
      })
      const rendered = chosen.map((draft) => {
        const text = renderDraft(draft, known, 'en')
        requireFinished(draft, text)
        return text
      })
      if (isReviewed && !fromFiles && !(row.approvedBy !== null && row.approvedBy !== row.editedBy && row.approvedSha256 === contentHash(drafts))) throw notApproved('Another operator has to approve the drafts exactly as they are')

      const version = {
        id: newId(),
        policyId,
        number: (last?.number ?? 0) + 1,
        effectiveOn,
        publishedAt: clock(),
        publishedBy: caller.actor.id,
        acceptAgain,
      }
      const published = chosen.map((draft, index) => ({
        versionId: version.id,
        language: draft.language,
        title: draft.title,
        summary: summaries[index]!,
        source: draft.markdown,
        markdown: rendered[index]!.markdown,
        places: rendered[index]!.places,
        highlights: rendered[index]!.highlights,
        facts: rendered[index]!.facts,
        sha256: sha256(rendered[index]!.markdown),
      }))
      await queries.insertVersion(tx, version, published)
      if (owner !== null && await queries.bytesOf(tx, policyId) > MOST_BYTES) throw tooMany('All versions of a policy of a workspace have 4 MiB together: go on in another one')
      await queries.updatePolicy(tx, policyId, {
        withdrawnAt: null,
        revision: row.revision + 1,
        updatedAt: version.publishedAt,
      })
      const first = bestLanguage(published.map(text => text.language), [], language)
      published.sort((a, b) => Number(b.language === first) - Number(a.language === first))
      await audit.record(tx, caller, policyPublished({
        ...about(policyId, titleOf(drafts, language)),
        details: {
          number: version.number,
          effectiveOn,
          sha256: published[0]!.sha256,
          languages: published.map(text => text.language),
          hashes: published.map(text => text.sha256),
        },
      }))
    }
  }

  return {
    async publish(caller, policyId, publication, ifMatch) {
      await changeLocked(policyId, ifMatch, await prepare(caller, publication, { fromFiles: false }))
    },

    async publishFiles(caller, publication, putIntoDrafts) {
      const publishLocked = await prepare(caller, publication, { fromFiles: true })
      await db.transaction(async (tx) => {
        const policyId = await putIntoDrafts(tx)
        const row = await queries.lockPolicy(tx, owner, policyId)
        await publishLocked(tx, row!).catch((error: unknown) => {
          // Thrown before anything is written.
          if (!(error instanceof AppError && error.code === nothingToPublish.code)) throw error
        })
      })
    },
  }
}

/** @throws {AppError} `request.invalid` for a language that there is no draft in, or that is named twice */
function chosenOf(drafts: DraftRow[], texts: PolicyPublication['texts']): DraftRow[] {
  if (!texts) return drafts
  return texts.map(({ language }, index) => {
    const draft = drafts.find(each => each.language === language)
    const isTwice = texts.findIndex(text => text.language === language) < index
    if (draft && !isTwice) return draft
    throw requestInvalid({
      fields: [
        {
          pointer: `/texts/${index}/language`,
          detail: isTwice
            ? 'is named twice'
            : 'has no draft',
        },
      ],
    })
  })
}

/** @throws {AppError} that names each line with something that is wrong, or that only an operator can say */
function requireFinished({ language }: DraftRow, { missing }: RenderedDraft): void {
  const fieldsOf = (kinds: readonly string[]) => missing.filter(({ what }) => kinds.includes(what)).map(({ field, line, what, text }) => ({
    pointer: `/drafts/${language}/${field}`,
    detail: `line ${line}: ${what === 'unknown'
      ? `there is no fact ${text}`
      : what === 'block'
        ? `${text} is a block: it needs a line of its own, as ::name`
        : text}`,
  }))
  const said = (fields: readonly { detail: string }[]) => fields.map(({ detail }) => detail).join(' · ')
  const wrong = fieldsOf(['unknown', 'block'])
  if (wrong.length > 0) {
    throw directiveWrong({
      detail: said(wrong),
      fields: wrong,
    })
  }
  const left = fieldsOf(['placeholder', 'open'])
  if (left.length > 0) throw placeholderLeft({ detail: `Fill in or remove first: ${said(left)}`, fields: left })
  if (missing.some(({ what }) => what === 'too_long')) throw textTooLong('With what its facts say, the text has more than 200,000 characters')
}
