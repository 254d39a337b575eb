import type { FactLanguage } from '../../facts/live-fact.ts'
import type { DraftRow, DriftRow, PolicyRow, TextHead, VersionRow, VersionText } from './policies.queries.ts'
import type { Policy, PolicyDraft, PolicyPreview, PolicyVersionSummary } from './policies.schemas.ts'
import type { DraftHighlight } from './policies.table.ts'
import type { KnownFacts, RenderedText } from './policy-directives.ts'
import { isDeepStrictEqual } from 'node:util'
import { revisionTag } from '../../http/etag.ts'
import { changeInWords } from './drift-words.ts'
import { placeholdersIn } from './policies.placeholders.ts'
import { bestLanguage, contentHash, stateOf, versionInEffect } from './policies.policy.ts'
import { renderDirectives } from './policy-directives.ts'
import { driftedFacts, driftOf } from './policy-drift.ts'

export interface RenderedDraft extends Pick<RenderedText, 'markdown' | 'places' | 'facts'> {
  highlights: (DraftHighlight & Pick<RenderedText, 'places'> & { source: string })[]
  missing: PolicyPreview['missing']
}

/** A draft as readers would have it now, and what keeps it from being published. */
export function renderDraft(draft: Pick<DraftRow, 'title' | 'markdown' | 'highlights' | 'language'>, known: KnownFacts, inWords: FactLanguage): RenderedDraft {
  const text = renderDirectives(draft.markdown, known, draft.language)
  const sentences = draft.highlights.map(({ title, sentence: source }) => ({
    title,
    source,
    rendered: renderDirectives(source, known, draft.language),
  }))
  const said = (directive: string) => known.get(directive.replaceAll(/[{}]|^::/g, '').trim())?.fact
  const wrongIn = (field: 'markdown' | 'highlights', wrong: RenderedText['wrong'], lineOf: (line: number) => number) => wrong.map(({ line, directive, what }) => ({
    field,
    line: lineOf(line),
    what,
    directive,
    text: what === 'open'
      ? said(directive)?.missing?.[inWords] ?? said(directive)!.label[inWords]
      : directive,
  }))
  const leftIn = (field: 'title' | 'markdown' | 'highlights', lines: readonly string[]) => lines.flatMap((line, index) => placeholdersIn(line).map(left => ({
    field,
    line: index + 1,
    what: 'placeholder' as const,
    text: left,
    directive: null,
  })))
  return {
    markdown: text.markdown,
    places: text.places,
    facts: Object.assign({}, text.facts, ...sentences.map(({ rendered }) => rendered.facts)),
    highlights: sentences.map(({ title, source, rendered }) => ({
      title,
      source,
      sentence: rendered.markdown,
      places: rendered.places,
    })),
    missing: [
      ...leftIn('title', [draft.title]),
      ...leftIn('highlights', draft.highlights.map(({ title, sentence }) => `${title} ${sentence}`)),
      ...sentences.flatMap(({ rendered }, index) => wrongIn('highlights', rendered.wrong, () => index + 1)),
      ...[
        ...leftIn('markdown', draft.markdown.split(/\r\n?|\n/)),
        ...wrongIn('markdown', text.wrong, line => line),
      ].sort((a, b) => a.line - b.line),
      ...text.isTooLong
        ? [
            {
              field: 'markdown' as const,
              line: 1,
              what: 'too_long' as const,
              text: '',
              directive: null,
            },
          ]
        : [],
    ].slice(0, 100),
  }
}

type Written = Pick<DraftRow, 'title' | 'markdown' | 'highlights'>
type Published = Pick<VersionText, 'title' | 'source' | 'highlights' | 'facts'>

/** Whether readers would get another text than the one they have: it was written, or a fact is another by now. */
export const differs = (draft: Written, text: Published, known: KnownFacts) => isRewritten(draft, text) || driftedFacts(text, known).length > 0

export function isRewritten(draft: Written, text: Omit<Published, 'facts'>): boolean {
  const before = text.highlights.map(({ title, source }) => [title, source])
  return draft.title !== text.title
    || draft.markdown !== text.source
    || !isDeepStrictEqual(draft.highlights.map(({ title, sentence }) => [title, sentence]), before)
}

export function presentVersions(versions: readonly VersionRow[], heads: readonly TextHead[], { today, withdrawn }: { today: string, withdrawn: boolean }): PolicyVersionSummary[] {
  return versions.map(version => ({
    number: version.number,
    effectiveOn: version.effectiveOn,
    publishedAt: version.publishedAt.toISOString(),
    state: stateOf(version, versions, { today, withdrawn }),
    acceptAgain: version.acceptAgain,
    texts: heads.filter(({ versionId }) => versionId === version.id).map(({ language, title, summary, sha256 }) => ({
      language,
      title,
      summary,
      sha256,
    })),
  }))
}

export interface PresentedWith {
  drafts: readonly DraftRow[]
  /** Newest first. */
  versions: readonly VersionRow[]
  heads: readonly TextHead[]
  /** In each language the newest of all, and the newest that is in effect. */
  newest: readonly VersionText[]
  inEffect: readonly VersionText[]
  drifts: readonly DriftRow[]
  known: KnownFacts
  names: ReadonlyMap<string, string>
  here: { today: string, timeZone: string, language: string, isReviewed: boolean }
  /** Below which the owner's policies are read. */
  path: string
  now: Date
  /** Who asks, and in which language they read. */
  readerId: string | null
  inWords: FactLanguage
}

/** A policy for those who write it. */
export function presentPolicy(row: PolicyRow, given: PresentedWith): Policy {
  const { drafts, versions, known, here } = given
  const shown = drafts.map((draft): PolicyDraft => {
    const newest = given.newest.find(({ language }) => language === draft.language)
    const { missing } = renderDraft(draft, known, given.inWords)
    return {
      language: draft.language,
      title: draft.title,
      markdown: draft.markdown,
      highlights: draft.highlights,
      publishedNumber: newest?.number ?? null,
      hasUnpublishedChanges: !newest || differs(draft, newest, known),
      changedFacts: newest
        ? driftOf(newest, known, { rows: [], now: given.now }).filter(({ now }) => now !== null).map(each => changeInWords(each.label, each)).join('; ').slice(0, 1000)
        : '',
      missing,
    }
  })
  const hash = contentHash(drafts)
  const isApproved = row.approvedSha256 === hash && row.approvedBy !== null && row.approvedBy !== row.editedBy
  return {
    id: row.id,
    kind: row.kind,
    slug: row.slug,
    path: `${given.path}/${row.slug}`,
    source: row.source,
    acceptance: row.acceptance,
    title: titleOf(drafts, here.language),
    drafts: shown,
    etag: revisionTag(row.revision),
    updatedAt: row.updatedAt.toISOString(),
    withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
    hasUnpublishedChanges: shown.some(draft => draft.hasUnpublishedChanges),
    currentNumber: row.withdrawnAt === null
      ? versionInEffect(versions, here.today)?.number ?? null
      : null,
    versions: presentVersions(versions, given.heads, { today: here.today, withdrawn: row.withdrawnAt !== null }),
    drift: row.withdrawnAt === null
      ? given.inEffect.flatMap(text => driftOf(text, known, { rows: given.drifts, now: given.now }).map(drift => ({ ...drift, language: text.language })))
      : [],
    review: {
      isRequired: here.isReviewed,
      sha256: hash,
      isApproved,
      approvedBy: isApproved
        ? given.names.get(row.approvedBy!) ?? null
        : null,
      approvedAt: isApproved
        ? row.approvedAt!.toISOString()
        : null,
      isOwn: row.editedBy !== null && row.editedBy === given.readerId,
    },
    today: here.today,
    timeZone: here.timeZone,
  }
}

export function titleOf(drafts: readonly Pick<DraftRow, 'language' | 'title'>[], language: string): string {
  const best = bestLanguage(drafts.map(draft => draft.language), [], language)
  return drafts.find(draft => draft.language === best)?.title ?? ''
}
