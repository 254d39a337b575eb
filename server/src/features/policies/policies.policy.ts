import { createHash } from 'node:crypto'

/** In the order in which pages link them; pages of another kind come last, in their own order. */
export const policyKinds = [
  'privacy',
  'terms',
  'cookies',
  'acceptable-use',
  'imprint',
  'subprocessors',
  'page',
] as const

/** Which version counts when. Days are YYYY-MM-DD in the deployment's time zone, and compare as text. */
export interface DatedVersion { number: number, effectiveOn: string }

/** The newest of those whose day has come: a later version takes the place of an earlier one, whenever that one began. */
export function versionInEffect<V extends DatedVersion>(versions: readonly V[], today: string): V | undefined {
  return newest(versions.filter(version => version.effectiveOn <= today))
}

/** The version that is in effect next, if nothing else is published. */
export function upcomingVersion<V extends DatedVersion>(versions: readonly V[], today: string): V | undefined {
  const current = versionInEffect(versions, today)?.number ?? 0
  const later = versions.filter(version => version.effectiveOn > today && version.number > current)
  const [day] = later.map(version => version.effectiveOn).sort()
  return newest(later.filter(version => version.effectiveOn === day))
}

function newest<V extends DatedVersion>(versions: readonly V[]): V | undefined {
  return versions.reduce<V | undefined>((best, version) => (best && best.number > version.number
    ? best
    : version), undefined)
}

/** `skipped`: a later version came into effect before it. `ended`: the policy is withdrawn. */
export const versionStates = [
  'current',
  'upcoming',
  'earlier',
  'skipped',
  'ended',
] as const
export type VersionState = typeof versionStates[number]

export function stateOf(version: DatedVersion, versions: readonly DatedVersion[], { today, withdrawn }: { today: string, withdrawn: boolean }): VersionState {
  if (withdrawn) return 'ended'
  const current = versionInEffect(versions, today)?.number ?? 0
  if (version.number === current) return 'current'
  if (version.effectiveOn <= today) return 'earlier'
  return version.number > current
    ? 'upcoming'
    : 'skipped'
}

/** What is shown to a reader: the first of the languages that they want, else the deployment's own, else any that there is. */
export function bestLanguage(offered: readonly string[], wanted: readonly string[], own: string): string | undefined {
  return [...wanted, own].find(language => offered.includes(language)) ?? offered[0]
}

/** Of a text's UTF-8 bytes, as `sha256sum` prints it. */
export const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex')

/** Of all drafts of a policy: what was approved is what is published. */
export const contentHash = (drafts: readonly { language: string, title: string, markdown: string, highlights: readonly { title: string, sentence: string }[] }[]) =>
  sha256(JSON.stringify(drafts.toSorted((a, b) => a.language < b.language
    ? -1
    : 1).map(({ language, title, markdown, highlights }) => [
    language,
    title,
    markdown,
    highlights.map(each => [each.title, each.sentence]),
  ])))
