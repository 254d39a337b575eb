import type { LocationQuery } from 'vue-router'
import type { EventKind } from '../event-words.ts'
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { step } from '../../../utils/routing.ts'
import { eventKinds } from '../event-words.ts'

export const periods = ['today', 'week', 'month'] as const
export type Period = (typeof periods)[number]
const days: Record<Period, number> = { today: 1, week: 7, month: 30 }

export interface ActivityFilters {
  person?: string
  kinds: EventKind[]
  outcome?: 'success' | 'refused'
  period?: Period | 'custom'
  /** Local days, YYYY-MM-DD, of a custom period. */
  from?: string
  to?: string
  q?: string
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const day = /^\d{4}-\d{2}-\d{2}$/
const one = (value: LocationQuery[string] | undefined) => typeof value === 'string' && value !== ''
  ? value
  : undefined
const matching = (pattern: RegExp, value?: string) => value && pattern.test(value)
  ? value
  : undefined

/** What an address asks for; whatever it says that means nothing is left out. */
export function readFilters(query: LocationQuery): ActivityFilters {
  const from = matching(day, one(query.from))
  const to = matching(day, one(query.to))
  return {
    person: matching(uuid, one(query.person)),
    kinds: (one(query.kinds)?.split(',') ?? []).filter((kind): kind is EventKind => Object.hasOwn(eventKinds, kind)),
    outcome: (['success', 'refused'] as const).find(value => value === query.outcome),
    period: from || to || query.period === 'custom'
      ? 'custom'
      : periods.find(value => value === query.period),
    from,
    to,
    q: one(query.q)?.slice(0, 200),
  }
}

export function writeFilters({ kinds, period, from, to, ...rest }: ActivityFilters): Record<string, string> {
  const custom = period === 'custom'
  return Object.fromEntries(Object.entries({
    ...rest,
    kinds: kinds.join(','),
    period: custom && (from || to)
      ? undefined
      : period,
    from: custom
      ? from
      : undefined,
    to: custom
      ? to
      : undefined,
  }).filter((entry): entry is [string, string] => Boolean(entry[1])))
}

const startOf = (local: string, later = 0) => {
  const [year, month, date] = local.split('-').map(Number)
  return new Date(year!, month! - 1, date! + later)
}

/** The server's query. Days are the reader's own; `to` is a day that counts whole. */
export function toAuditQuery({ person, kinds, outcome, period, from, to, q }: ActivityFilters, now: Date) {
  const since = period && period !== 'custom'
    ? new Date(now.getFullYear(), now.getMonth(), now.getDate() - days[period] + 1)
    : from && startOf(from)
  return {
    action: kinds.length > 0
      ? kinds.flatMap(kind => eventKinds[kind])
      : undefined,
    actorId: person,
    outcome,
    from: since
      ? since.toISOString()
      : undefined,
    to: to && startOf(to, 1).toISOString(),
    q,
  }
}

/** The filters as the address has them; changing them changes the address. */
export function useActivityFilters() {
  const route = useRoute()
  const router = useRouter()
  const filters = computed(() => readFilters(route.query))

  return {
    filters,
    isFiltered: computed(() => Object.keys(writeFilters(filters.value)).length > 0),
    set: (change: Partial<ActivityFilters>) => {
      const to = {
        query: writeFilters({
          ...filters.value,
          ...change,
        }),
      }
      // Words being typed are one step.
      if (change.q && filters.value.q) void router.replace(to)
      else step(router, to)
    },
    clear: () => step(router, { query: {} }),
  }
}
