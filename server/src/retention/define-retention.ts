import type { Tx } from '../db/database.ts'
import type { FactLanguage } from '../facts/live-fact.ts'

/** Said in each language that policy texts say such things in. */
export type Words = Record<FactLanguage, string>

/** How long something is kept: so long, or until somebody deletes it. */
export type Span = { readonly days: number } | { readonly hours: number } | 'for-ever'

/** What has been there since `before` is due `now`. */
export interface Due { before: Date, now: Date }

/**
 * Deletes some of what is due, in the caller's transaction: as much as one statement does well.
 * @returns whether there may be more
 */
export type Purge<Context = unknown> = (tx: Tx, due: Due, context: Context) => Promise<boolean>

/** Days that an operator may choose, null among them where it may be kept for ever. */
export interface SettableDays {
  /** Of a deployment that has not chosen. */
  default: number | null
  minimum: number
  maximum: number
  mayBeForEver: boolean
}

interface Described {
  /** As settings, events and facts know it: `trash`. */
  name: string
  /** In which tables it is. */
  tables: readonly string[]
  what: Words
  /** From which moment on it counts. */
  since: Words
}

/** What is deleted in the night when it is older than operators want it to be. */
export interface SettableKind<Context = unknown> extends Described { days: SettableDays, purge: Purge<Context> }

/**
 * What is always kept so long, and why; purged within the hour. `job`: the background work that deletes it instead, where that has a rhythm of its own;
 * neither: nothing does.
 */
export interface FixedKind<Context = unknown> extends Described { keeps: Span, why: Words, purge?: Purge<Context>, job?: string }

export type RetentionKind<Context = unknown> = SettableKind<Context> | FixedKind<Context>

export const isSettable = <Context>(kind: RetentionKind<Context>): kind is SettableKind<Context> => 'days' in kind

const NAME = /^[a-z]+(?:-[a-z]+)*$/

function check(kind: RetentionKind<never>): void {
  if (!NAME.test(kind.name)) throw new Error(`${kind.name} is no name for a kind of data`)
  if (!('days' in kind)) return
  const { default: days, minimum, maximum, mayBeForEver } = kind.days
  const isAllowed = days === null
    ? mayBeForEver
    : days >= minimum && days <= maximum
  if (minimum < 1 || !isAllowed) throw new Error(`${kind.name} is kept by default as nobody may set it`)
}

/** One kind of data, in `<feature>.retention.ts` of whoever deletes it; `retention-kinds.ts` lists them all. */
export function defineRetention<Context>(kind: SettableKind<Context>): SettableKind<Context>
export function defineRetention<Context>(kind: FixedKind<Context>): FixedKind<Context>
export function defineRetention<Context>(kind: RetentionKind<Context>): RetentionKind<Context> {
  check(kind as RetentionKind<never>)
  return kind
}

export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000

/** What has been there since then has been there for so long. @returns undefined: nothing has */
export function beforeOf(span: Span, now: Date): Date | undefined {
  if (span === 'for-ever') return undefined
  return new Date(now.getTime() - ('days' in span
    ? span.days * DAY_MS
    : span.hours * HOUR_MS))
}

/** Of days as settings have them. */
export const spanOfDays = (days: number | null): Span => days === null
  ? 'for-ever'
  : { days }

/** Of a time that stands in the code, in whole hours. */
export const spanOf = (ms: number): Span => ms % DAY_MS === 0
  ? { days: ms / DAY_MS }
  : { hours: ms / HOUR_MS }
