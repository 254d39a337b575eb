import type { Db, Executor } from '../../db/database.ts'
import { createHash } from 'node:crypto'
import { tooManyRequests } from '../../errors/common-errors.ts'
import { networkOf, siteOf } from '../../http/network.ts'
import * as queries from './throttle.queries.ts'

type Scope = 'pair' | 'source' | 'site' | 'subject' | 'holder'

/**
 * What guessing costs, by what a key counts. A key alone never decides: an attempt passes when none of its keys is blocked.
 * - pair, one subject from one source: the tight one. It blocks the guesser and nobody else.
 * - source, all subjects: one password tried on many accounts. Wider, because an office shares an address.
 * - site, all sources of one /48: whoever has that has 65,536 of them. Wider still, for some providers part it among customers.
 * - subject, all sources: only slows, or anybody could lock somebody out; still, more sources do not buy more guesses.
 * - holder, all sources: of a second step, which only who has the first comes to. What is guessed at is six digits, so it blocks, and for long.
 */
const rules: Record<Scope, { freeTries: number, longestSeconds: number }> = {
  pair: { freeTries: 5, longestSeconds: 15 * 60 },
  source: { freeTries: 30, longestSeconds: 15 * 60 },
  site: { freeTries: 100, longestSeconds: 15 * 60 },
  subject: { freeTries: 50, longestSeconds: 10 },
  holder: { freeTries: 10, longestSeconds: 60 * 60 },
}
/** A day without a failure forgets the earlier ones. */
export const THROTTLE_DECAY_MS = 86_400_000

interface Count { failures: number, lastFailureAt: Date }

export interface Throttle {
  /** @throws {AppError} `rate.limited` with `retryAfter` in seconds, when any of the keys is blocked */
  check: (keys: string[]) => Promise<void>
  /** Counts a failure. Parallel failures all count. */
  fail: (keys: string[]) => Promise<void>
  /** After a success: forgets the failures of pairs, subjects and holders; a source's and a site's stay, or one's own account would wash guesses at others' away. */
  clear: (keys: string[]) => Promise<void>
  /**
   * `check` and `fail` in one step, before the guess is judged: parallel guesses cannot all pass before the first one fails.
   * Whoever guessed right calls `succeeded`, which takes the count back.
   * @throws {AppError} `rate.limited`
   */
  attempt: (keys: string[]) => Promise<{ succeeded: () => Promise<void> }>
  /**
   * For what costs us whether it succeeds or not: at most `count` pass within the window that the first one opens, of a day at most.
   * @throws {AppError} `rate.limited`, `retryAfter` the end of the window
   */
  limit: (key: string, rule: Limit) => Promise<void>
  /** The same of a place that requests come from; all the networks of its /48 together have three times as many. */
  limitPlace: (purpose: string, ip: string | null, rule: Limit) => Promise<void>
}
interface Limit { count: number, windowSeconds: number }

/** As with guesses: some providers part a /48 among customers. */
const SITE_TIMES = 3

/** The keys of a place alone, whatever is guessed at or asked for from there. */
export function placeKeys(purpose: string, ip: string | null): string[] {
  const site = siteOf(ip)
  return [
    `${purpose}:source:${networkOf(ip)}`,
    ...site === undefined
      ? []
      : [`${purpose}:site:${site}`],
  ]
}

/**
 * The keys of guesses at something secret (`purpose`, for example `login`).
 * @param of what is guessed at (absent: one thing only, as the set-up token), or whose second step it is, and the client's address
 */
export function throttleKeys(purpose: string, of: { subject?: string, holder?: string, source: string | null }): string[] {
  const subject = of.holder ?? of.subject ?? ''
  return [
    ...placeKeys(purpose, of.source),
    `${purpose}:pair:${networkOf(of.source)} ${subject}`,
    `${purpose}:${of.holder === undefined
      ? 'subject'
      : 'holder'}:${subject}`,
  ]
}

const scopeOf = (key: string): Scope => {
  const [, scope] = key.split(':', 2)
  return scope === 'source' || scope === 'site' || scope === 'subject' || scope === 'holder'
    ? scope
    : 'pair'
}

/** Whose count a success does not forget. */
const isOfPlace = (key: string) => scopeOf(key) === 'source' || scopeOf(key) === 'site'

/** Bounded, and says nothing about people to who reads the table. Keeps the scope in clear. */
const storedKey = (key: string) => `${scopeOf(key)}:${createHash('sha256').update(key).digest('base64url')}`

/** Seconds to wait after so many failures: nothing for the free ones, then 1, 2, 4 … up to the longest. */
export function delaySeconds(scope: Scope, failures: number): number {
  const { freeTries, longestSeconds } = rules[scope]
  return failures < freeTries
    ? 0
    : Math.min(2 ** (failures - freeTries), longestSeconds)
}

/** Counts failures in PostgreSQL, so that they hold for all replicas and outlive a restart. */
export function createThrottle({ db, clock }: { db: Db, clock: () => Date }): Throttle {
  const lock = (tx: Executor, keys: string[], now: Date) => queries.lockCounts(tx, keys.map(storedKey), now)

  async function count(tx: Executor, rows: (Count & { key: string })[], now: Date): Promise<void> {
    for (const row of rows) {
      const decayed = now.getTime() - row.lastFailureAt.getTime() >= THROTTLE_DECAY_MS
      const failures = decayed
        ? 1
        : row.failures + 1
      const delay = delaySeconds(scopeOf(`:${row.key}`), failures)
      await queries.setCount(tx, row.key, {
        failures,
        lastFailureAt: now,
        // Nothing, not "until now": another replica's now is a little earlier.
        blockedUntil: delay > 0
          ? new Date(now.getTime() + delay * 1000)
          : null,
      })
    }
  }

  function refuseBlocked(rows: { blockedUntil: Date | null }[], now: Date): void {
    const waits = rows.map(row => (row.blockedUntil?.getTime() ?? 0) - now.getTime())
    const longest = Math.max(0, ...waits)
    if (longest > 0) {
      throw tooManyRequests({
        detail: 'Wait a moment before the next attempt',
        retryAfter: Math.ceil(longest / 1000),
      })
    }
  }

  async function clear(keys: string[]): Promise<void> {
    await queries.deleteCounts(db, keys.filter(key => !isOfPlace(key)).map(storedKey))
  }

  async function limit(key: string, { count: most, windowSeconds }: Limit): Promise<void> {
    const now = clock()
    await db.transaction(async (tx) => {
      const [row] = await lock(tx, [key], now)
      const leftMs = row!.lastFailureAt.getTime() + windowSeconds * 1000 - now.getTime()
      const opens = row!.failures === 0 || leftMs <= 0
      if (!opens && row!.failures >= most) {
        throw tooManyRequests({
          detail: `At most ${most} in ${windowSeconds / 60} minutes are taken from one place`,
          retryAfter: Math.ceil(leftMs / 1000),
        })
      }
      // Here the time is the window's beginning: those that follow leave it.
      await queries.setCount(tx, row!.key, opens
        ? { failures: 1, lastFailureAt: now }
        : { failures: row!.failures + 1 })
    })
  }

  return {
    clear,
    limit,

    async limitPlace(purpose, ip, rule) {
      const [source, site] = placeKeys(purpose, ip)
      await limit(source!, rule)
      if (site !== undefined) await limit(site, { ...rule, count: rule.count * SITE_TIMES })
    },

    async check(keys) {
      const now = clock()
      refuseBlocked(await queries.listBlocks(db, keys.map(storedKey)), now)
    },

    async fail(keys) {
      const now = clock()
      await db.transaction(async tx => count(tx, await lock(tx, keys, now), now))
    },

    async attempt(keys) {
      const now = clock()
      await db.transaction(async (tx) => {
        const rows = await lock(tx, keys, now)
        refuseBlocked(rows, now)
        await count(tx, rows, now)
      })
      return {
        async succeeded() {
          await clear(keys)
          // The place gets back what this attempt took, and no more.
          await queries.takeBack(db, keys.filter(isOfPlace).map(storedKey))
        },
      }
    },
  }
}
