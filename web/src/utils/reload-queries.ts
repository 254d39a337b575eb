import type { EntryKey, QueryCache } from '@pinia/colada'
import { reactive, toValue } from 'vue'

/** A list of so many pages is not loaded again under the reader; it says that it has changed. */
const pagesAtOnce = 10

/** Lists (by `nameOfKey`) that have changed since they were loaded. */
export const staleLists = reactive(new Set<string>())

export const nameOfKey = (key: EntryKey) => JSON.stringify(key)

/**
 * Loads everything below `key` that is in view again, but not the very long lists. Never throws: a query shows its own failure, and
 * one that is overtaken by another load has none.
 * @param options.exact only the query of this very key
 */
export async function reloadQueries(cache: QueryCache, key: EntryKey, options: { exact?: boolean } = {}): Promise<void> {
  const entries = cache.getEntries({ key, ...options })
  await Promise.all(entries.map((entry) => {
    const data = entry.state.value.data as { pages?: unknown[] } | undefined
    if (entry.active && (data?.pages?.length ?? 0) > pagesAtOnce) {
      staleLists.add(nameOfKey(entry.key))
      return undefined
    }
    cache.invalidate(entry)
    return entry.active && toValue(entry.options?.enabled) !== false
      ? cache.fetch(entry).catch(() => {})
      : undefined
  }))
}

/** Where the next page of a list begins, by the last one. */
export const nextCursor = (page: { nextCursor: string | null }) => page.nextCursor

/** Loads the next page of a list. Never throws, for the same reasons. */
export async function loadNextPage(query: { loadNextPage: (options: { cancelRefetch: boolean }) => Promise<unknown> }): Promise<void> {
  await query.loadNextPage({ cancelRefetch: false }).catch(() => {})
}
