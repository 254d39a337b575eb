import type { AuditEvent } from '../../api/generated/types.gen.ts'
import type { Format } from '../../utils/format.ts'
import type { EventWords } from './event-words.ts'
import { nameOfLanguage } from '../../locales/index.ts'
import { isChange } from './event-words.ts'

/** Details that say nothing to a reader: ids of what other details name, and what the sentence says already. */
export const hiddenDetails: ReadonlySet<string> = new Set([
  'parentId',
  'fromId',
  'toId',
  'userId',
  'sessionId',
  'tokenId',
  'onlyWorkspaceId',
  'uploaderId',
  'personId',
  'subjectId',
  'itemIds',
  'askedOf',
  // Beside the first of them.
  'hashes',
])

export interface FactWords extends EventWords {
  change: (from: string, to: string) => string
  nothing: string
  never: string
  unlimited: string
  flag: (value: boolean) => string
}

type Show = (value: unknown, words: FactWords, format: Format) => string

const plain: Show = value => typeof value === 'object'
  ? JSON.stringify(value)
  : String(value)
const bytes: Show = (value, _words, format) => format.bytes(Number(value))
const count: Show = (value, _words, format) => format.number(Number(value))
const instant: Show = (value, _words, format) => format.dateTime(String(value))
const minutes: Show = (value, _words, format) => format.duration(Number(value) * 60)
const code: Show = (value, words) => words.code(String(value))
const codes: Show = (value, words) => words.list([value].flat().map(each => words.code(String(each))))

const languageName: Show = value => nameOfLanguage(String(value))

/** What is no plain text. */
const shows: Record<string, Show> = {
  size: bytes,
  sizeBytes: bytes,
  bytes,
  itemCount: count,
  fileCount: count,
  linkFileCount: count,
  downloadCount: count,
  openCount: count,
  times: count,
  percent: count,
  usedBytes: bytes,
  quotaBytes: bytes,
  refusals: count,
  downloads: count,
  deletions: count,
  source: code,
  files: count,
  folders: count,
  objects: count,
  damaged: count,
  skipped: count,
  endedUploads: count,
  endedSessions: count,
  endedTokens: count,
  kept: count,
  missing: count,
  found: code,
  links: count,
  people: count,
  startsAt: instant,
  hadBegun: (value, words) => words.flag(Boolean(value)),
  isVerified: (value, words) => words.flag(Boolean(value)),
  isNewDevice: (value, words) => words.flag(Boolean(value)),
  isNew: (value, words) => words.flag(Boolean(value)),
  graceDays: count,
  versions: count,
  days: count,
  data: (value, words) => words.code(`kept-${String(value)}`),
  operatorsNeedFactor: (value, words) => words.flag(Boolean(value)),
  maxDownloads: count,
  expiresAt: instant,
  dueAt: instant,
  templates: count,
  home: code,
  isMailed: (value, words) => words.flag(Boolean(value)),
  since: instant,
  takenAt: instant,
  until: instant,
  effectiveOn: (value, _words, format) => format.date(String(value)),
  hasPassword: (value, words) => words.flag(Boolean(value)),
  items: (value, words) => words.list((value as { name: string }[]).map(item => item.name)),
  role: (value, words) => words.role(String(value)),
  spaceRole: (value, words) => words.spaceRole(String(value)),
  reason: (value, words) => words.reason(String(value)),
  kind: code,
  by: code,
  format: code,
  factor: code,
  left: count,
  locale: code,
  outcome: code,
  picture: code,
  removed: codes,
  scopes: codes,
  registration: code,
  sessionIdleMinutes: minutes,
  sessionTotalMinutes: minutes,
  registrationDomains: (value, words) => words.list(value as string[]),
  changed: codes,
  facts: (value, words) => words.list((value as string[]).map(String)),
  language: languageName,
  languages: (value, words, format) => words.list((value as string[]).map(each => languageName(each, words, format))),
  policyLanguage: languageName,
  policyReview: (value, words) => words.flag(Boolean(value)),
  acceptance: code,
  fields: codes,
  actions: (value, words) => words.list([value].flat().map(String)),
}

/** What stands for no value, where it means something of its own. */
const absent: Record<string, (words: FactWords) => string> = {
  expiresAt: words => words.never,
  maxDownloads: words => words.unlimited,
  quotaBytes: words => words.unlimited,
  refusals: words => words.never,
  downloads: words => words.never,
  deletions: words => words.never,
  sessionTotalMinutes: words => words.never,
  days: words => words.code('for_ever'),
  spaceRole: words => words.spaceRole(''),
}

/** The details of an event as labelled facts: `[name of the label, words]`. */
export function factsOf({ action, details }: Pick<AuditEvent, 'action' | 'details'>, words: FactWords, format: Format): [string, string][] {
  const show = (name: string, value: unknown) => {
    if (value === null || value === '') return absent[name]?.(words) ?? words.nothing
    // Of what is moved and renamed, and of people's addresses, these are names; of requests and stores they are codes.
    if (name === 'from' || name === 'to') {
      return action.startsWith('item.') || action.startsWith('user.')
        ? plain(value, words, format)
        : code(value, words, format)
    }
    return (Object.hasOwn(shows, name)
      ? shows[name]!
      : plain)(value, words, format)
  }
  return Object.entries(details)
    .filter(([name, value]) => !hiddenDetails.has(name) && value !== undefined && !isRepeated(name, details))
    .map(([name, value]) => [
      name,
      isChange(value)
        ? words.change(show(name, value.from), show(name, value.to))
        : show(name, value),
    ])
}

/** What another fact of the same event says as well. */
function isRepeated(name: string, details: AuditEvent['details']): boolean {
  const value = details[name]
  // As many as are named.
  if (name === 'itemCount') return Array.isArray(details.items) && details.items.length === value
  // A change from something to the same is none.
  return isChange(value) && value.from === value.to
}
