import { createHash } from 'node:crypto'

/** Which version counts when. Days are YYYY-MM-DD, UTC, and compare as text. */
export interface DatedVersion { number: number, effectiveOn: string }

export const utcDay = (at: Date) => at.toISOString().slice(0, 10)

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

/** Whether a draft says something else than a version. */
export function differs(draft: { draftTitle: string, draftMarkdown: string }, version: { title: string, sha256: string }): boolean {
  return draft.draftTitle !== version.title || sha256(draft.draftMarkdown) !== version.sha256
}

/** Of a text's UTF-8 bytes, as `sha256sum` prints it. */
export const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex')
