/** How many of the newest days, weeks and months that have a backup keep their last one. */
export interface Retention { daily: number, weekly: number, monthly: number }

const DAY_MS = 24 * 3_600_000
/** Weeks begin on Mondays: the first of January 1970 was a Thursday. */
const MONDAY_MS = 3 * DAY_MS

/** @returns the ids of those to keep: the newest and what was made in the day before it, and of each of the last days, weeks and months (UTC) the last one */
export function keptOf(backups: readonly { id: string, takenAt: Date }[], { daily, weekly, monthly }: Retention): Set<string> {
  const newestFirst = [...backups].sort((a, b) => b.takenAt.getTime() - a.takenAt.getTime())
  const newest = newestFirst[0]?.takenAt.getTime() ?? 0
  const kept = new Set(newestFirst.filter(({ takenAt }) => newest - takenAt.getTime() < DAY_MS).map(({ id }) => id))
  const rules: [count: number, periodOf: (at: Date) => string][] = [
    [
      daily,
      at => at.toISOString().slice(0, 10),
    ],
    [
      weekly,
      at => String(Math.floor((at.getTime() + MONDAY_MS) / (7 * DAY_MS))),
    ],
    [
      monthly,
      at => at.toISOString().slice(0, 7),
    ],
  ]
  for (const [count, periodOf] of rules) {
    const periods = new Set<string>()
    for (const { id, takenAt } of newestFirst) {
      const period = periodOf(takenAt)
      if (periods.has(period)) continue
      if (periods.size === count) break
      periods.add(period)
      kept.add(id)
    }
  }
  return kept
}
