import type { FactValue, LiveFact } from '../../facts/live-fact.ts'
import type { PoliciesContext } from './policies.context.ts'
import type { DriftRow, VersionText } from './policies.queries.ts'
import type { PolicyDrift } from './policies.schemas.ts'
import type { KnownFacts } from './policy-directives.ts'
import { isDeepStrictEqual } from 'node:util'
import { factLanguageOf } from '../../facts/live-fact.ts'
import { systemCaller } from '../../http/caller.ts'
import { policyDrifted } from '../audit/audit.actions.ts'
import { changedWords } from './drift-words.ts'
import { policySubject } from './policies.context.ts'
import { bestLanguage } from './policies.policy.ts'
import * as queries from './policies.queries.ts'
import { wordsOf } from './policy-directives.ts'

type Frozen = Pick<VersionText, 'versionId' | 'language' | 'facts' | 'markdown' | 'places' | 'highlights'>

/** The facts of a published text that have another value by now, and which; null: nobody says it any more. */
export function driftedFacts(text: Pick<Frozen, 'facts'>, known: KnownFacts): { fact: string, value: FactValue | null }[] {
  return Object.entries(text.facts)
    .map(([fact, then]) => ({ fact, then, value: known.get(fact)?.value ?? null }))
    .filter(({ then, value }) => !isDeepStrictEqual(then, value))
    .map(({ fact, value }) => ({ fact, value }))
}

/** The same in words, of the text's language; `since` as it is known, else now. */
export function driftOf(text: Frozen, known: KnownFacts, { rows, now }: { rows: readonly DriftRow[], now: Date }): PolicyDrift[] {
  const language = factLanguageOf(text.language)
  return driftedFacts(text, known).map(({ fact, value }) => {
    const then = wordsThen(text, fact)
    const known_ = known.get(fact)
    const form = formOf(then, known_?.fact)
    const row = rows.find(each => each.versionId === text.versionId && each.fact === fact && isDeepStrictEqual(each.value, [value]))
    return {
      fact,
      form,
      label: known_?.fact.label[language] ?? fact,
      ...known_ && value !== null
        ? changedWords(then, wordsOf(known_, form, language))
        : { then, now: null },
      since: (row?.since ?? now).toISOString(),
    }
  })
}

/** As it stands in the text that was published. */
function wordsThen({ markdown, places, highlights }: Frozen, fact: string): string {
  for (const each of [
    { sentence: markdown, places },
    ...highlights,
  ]) {
    const place = each.places.find(candidate => candidate.fact === fact)
    if (place) return each.sentence.slice(place.start, place.end)
  }
  return ''
}

const formOf = (then: string, fact: LiveFact | undefined): LiveFact['form'] => fact?.form === 'block' || then.includes('\n')
  ? 'block'
  : 'inline'

export interface PolicyDriftWatch {
  /** Notes which facts of the texts in effect are other by now, and tells the log of each once. */
  noteDrift: (signal?: AbortSignal) => Promise<void>
}

export function createDriftWatch(context: PoliciesContext): PolicyDriftWatch {
  const { db, audit, clock, here, readFacts, changeLocked } = context

  async function noteOf(policyId: string, known: KnownFacts, today: string, language: string): Promise<void> {
    await changeLocked(policyId, undefined, async (tx, row) => {
      const texts = row.withdrawnAt === null
        ? await queries.newestTexts(tx, [policyId], today)
        : []
      const before = await queries.listDrifts(tx, [policyId])
      const found = foundIn(texts, known)
      const told: string[] = []
      for (const { versionId, fact, value } of found) {
        const drift = {
          versionId,
          fact,
          value,
          since: clock(),
        }
        const noted = before.find(each => each.versionId === versionId && each.fact === fact)
        if (!noted && await queries.insertDrift(tx, drift)) told.push(fact)
        if (noted && !isDeepStrictEqual(noted.value, value)) await queries.updateDrift(tx, drift)
      }
      for (const each of before) {
        if (!found.some(({ versionId, fact }) => versionId === each.versionId && fact === each.fact)) await queries.deleteDrift(tx, each)
      }
      if (told.length === 0) return
      const title = texts.find(text => text.language === bestLanguage(texts.map(each => each.language), [], language))!.title
      await audit.record(tx, systemCaller, policyDrifted({
        subject: policySubject(policyId, title),
        details: {
          number: Math.max(...texts.map(({ number }) => number)),
          facts: [
            ...new Set(told),
          ],
        },
      }))
    })
  }

  return {
    async noteDrift(signal) {
      const { today, language } = await here()
      const policies = await queries.listPolicies(db, null)
      const ids = policies.map(({ id }) => id)
      const texts = await queries.newestTexts(db, policies.filter(({ withdrawnAt }) => withdrawnAt === null).map(({ id }) => id), today)
      const known = await readFacts(texts.flatMap(text => Object.keys(text.facts)))
      const rows = await queries.listDrifts(db, ids)
      for (const id of ids) {
        if (signal?.aborted) return
        const versions = new Set((await queries.listVersions(db, [id])).map(version => version.id))
        const found = foundIn(texts.filter(({ policyId }) => policyId === id), known)
        const noted = rows.filter(({ versionId }) => versions.has(versionId))
        const isNoted = found.length === noted.length && found.every(each => noted.some(row => row.versionId === each.versionId && row.fact === each.fact && isDeepStrictEqual(row.value, each.value)))
        if (!isNoted) await noteOf(id, known, today, language)
      }
    },
  }
}

/** Of one version the same in each of its languages. */
function foundIn(texts: readonly VersionText[], known: KnownFacts): Omit<DriftRow, 'since'>[] {
  const found = texts.flatMap(text => driftedFacts(text, known).map(({ fact, value }) => ({
    versionId: text.versionId,
    fact,
    value: [value] as DriftRow['value'],
  })))
  return found.filter((each, index) => found.findIndex(other => other.versionId === each.versionId && other.fact === each.fact) === index)
}
