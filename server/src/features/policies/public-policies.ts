import type { PoliciesContext } from './policies.context.ts'
import type { PolicyListing, PublishedPolicy } from './policies.schemas.ts'
import { createHash } from 'node:crypto'
import { noSuchPolicy } from './policies.context.ts'
import { bestLanguage, upcomingVersion, versionInEffect } from './policies.policy.ts'
import * as queries from './policies.queries.ts'
import { driftOf } from './policy-drift.ts'
import { atomFeed } from './policy-feed.ts'
import { presentVersions } from './policy-presenter.ts'

/** Who reads: the language that was asked for by name, and those that their browser asks for. */
export interface Reader { language?: string, accepts: string[] }

export interface PublicPolicies {
  /** Those with a version in effect, in their order. */
  listPublished: (reader: Reader) => Promise<PolicyListing[]>
  /** The text in effect, in the reader's language if there is one, or the version asked for. @throws {AppError} `not_found` */
  getPublished: (reader: Reader, slug: string, number?: number) => Promise<PublishedPolicy>
  /** What was published lately, as Atom, with a hash of it. */
  feed: (reader: Reader) => Promise<{ xml: string, language: string, hash: string }>
}

const FEED_ENTRIES = 50

export function createPublicPolicies({ owner, db, clock, instance, here, place, readFacts }: PoliciesContext): PublicPolicies {
  const wantedBy = ({ language, accepts }: Reader) => [
    ...language === undefined
      ? []
      : [language],
    ...accepts,
  ]

  return {
    async listPublished(reader) {
      const rows = (await queries.listPolicies(db, owner)).filter(row => row.withdrawnAt === null)
      if (rows.length === 0) return []
      const { today, language: own } = await here()
      const { path } = await place()
      const ids = rows.map(row => row.id)
      const [versions, heads] = [await queries.listVersions(db, ids), await queries.listTextHeads(db, ids)]
      return rows.flatMap((row): PolicyListing[] => {
        const offered = newestByLanguage(versions.filter(({ policyId, effectiveOn }) => policyId === row.id && effectiveOn <= today), heads)
        const found = offered.get(bestLanguage([
          ...offered.keys(),
        ], wantedBy(reader), own) ?? '')
        return found
          ? [
              {
                kind: row.kind,
                slug: row.slug,
                path: `${path}/${row.slug}`,
                title: found.head.title,
                language: found.head.language,
                effectiveOn: found.version.effectiveOn,
              },
            ]
          : []
      })
    },

    async getPublished(reader, slug, number) {
      const row = await queries.findPolicyBySlug(db, owner, slug)
      if (!row) throw noSuchPolicy()
      const { today, language: own } = await here()
      const versions = await queries.listVersions(db, [row.id])
      const heads = await queries.listTextHeads(db, [row.id])
      const begun = row.withdrawnAt === null
        ? versions.filter(({ effectiveOn }) => effectiveOn <= today)
        : []
      const inEffect = newestByLanguage(begun, heads)
      const offered = number === undefined
        ? inEffect
        : newestByLanguage(versions.filter(version => version.number === number), heads)
      const language = bestLanguage([
        ...offered.keys(),
      ], wantedBy(reader), own)
      if (language === undefined) throw noSuchPolicy()

      const { version } = offered.get(language)!
      const text = await queries.getText(db, version.id, language)
      const isCurrent = inEffect.get(language)?.version === version
      const newest = versionInEffect(begun, today)
      const upcoming = row.withdrawnAt === null
        ? upcomingVersion(versions, today)
        : undefined
      const { path, workspaceName } = await place()
      return {
        kind: row.kind,
        slug: row.slug,
        path: `${path}/${row.slug}`,
        workspaceName,
        acceptance: row.acceptance,
        number: version.number,
        language,
        isWanted: reader.language === undefined
          ? reader.accepts.length === 0 || reader.accepts.includes(language)
          : reader.language === language,
        languages: [...offered].map(([each, { version: { number } }]) => ({ language: each, number })),
        newerIn: isCurrent && newest && newest.number > version.number
          ? {
              number: newest.number,
              language: bestLanguage(heads.filter(({ versionId }) => versionId === newest.id).map(head => head.language), [], own)!,
            }
          : null,
        title: text.title,
        highlights: text.highlights.map(({ title, sentence, places }) => ({ title, sentence, places })),
        markdown: text.markdown,
        places: text.places,
        summary: text.summary,
        effectiveOn: version.effectiveOn,
        publishedAt: version.publishedAt.toISOString(),
        sha256: text.sha256,
        drift: isCurrent
          ? driftOf(text, await readFacts(Object.keys(text.facts)), {
              rows: await queries.listDrifts(db, [row.id]),
              now: clock(),
            })
          : [],
        upcoming: upcoming
          ? { number: upcoming.number, effectiveOn: upcoming.effectiveOn }
          : null,
        current: isCurrent,
        versions: presentVersions(versions, heads, { today, withdrawn: row.withdrawnAt !== null }),
      }
    },

    async feed(reader) {
      const { name, organisation, publicUrl, policyLanguage } = await instance.settings()
      const publications = await queries.listPublications(db, FEED_ENTRIES)
      const languages = publications.flatMap(({ texts }) => texts.map(text => text.language))
      const language = bestLanguage(languages, wantedBy(reader), policyLanguage) ?? policyLanguage
      const xml = atomFeed({
        name: organisation || name,
        publicUrl,
        language,
        entries: publications.map(({ texts, ...version }) => ({
          ...version,
          text: texts.find(text => text.language === bestLanguage(texts.map(each => each.language), wantedBy(reader), policyLanguage))!,
        })),
      })
      return {
        xml,
        language,
        hash: createHash('sha256').update(xml).digest('base64url'),
      }
    },
  }
}

/** In each language the newest of these versions. @param versions newest first */
function newestByLanguage(versions: readonly queries.VersionRow[], heads: readonly queries.TextHead[]): Map<string, { version: queries.VersionRow, head: queries.TextHead }> {
  const found = new Map<string, { version: queries.VersionRow, head: queries.TextHead }>()
  for (const version of versions) {
    for (const head of heads) {
      if (head.versionId === version.id && !found.has(head.language)) found.set(head.language, { version, head })
    }
  }
  return new Map([...found].sort(([one], [other]) => one < other
    ? -1
    : 1))
}
