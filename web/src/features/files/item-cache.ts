import type { EntryKey, QueryCache } from '@pinia/colada'
import type { Item } from '../../api/generated/types.gen.ts'
import { reactive } from 'vue'

export interface ItemPages {
  pages: { items: Item[], nextCursor: string | null }[]
  pageParams: string[]
}

/** A list of so many pages is not loaded again under the reader; it says that it has changed. */
const pagesAtOnce = 10

/** Lists (by key) that have changed since they were loaded. */
export const staleLists = reactive(new Set<string>())

export const keyOf = (key: EntryKey) => JSON.stringify(key)

/**
 * Loads everything below `key` that is in view again, but not the very long lists. Never throws: a query shows its own failure, and
 * one that is overtaken by another load has none.
 */
export async function reloadQueries(cache: QueryCache, key: EntryKey): Promise<void> {
  const entries = cache.getEntries({ key })
  await Promise.all(entries.map((entry) => {
    const data = entry.state.value.data as ItemPages | undefined
    if (entry.active && (data?.pages?.length ?? 0) > pagesAtOnce) {
      staleLists.add(keyOf(entry.key))
      return undefined
    }
    cache.invalidate(entry)
    return entry.active
      ? cache.fetch(entry).catch(() => {})
      : undefined
  }))
}

/** Changes items in every list that shows them. @returns a function that takes it back */
export function patchItems(cache: QueryCache, workspaceId: string, patch: (item: Item) => Item | null): () => void {
  const changed = [
    ['items', workspaceId, 'list'],
    ['items', workspaceId, 'search'],
  ]
    .flatMap(key => cache.getEntries({ key }))
    .flatMap((entry) => {
      const before = entry.state.value.data as ItemPages | undefined
      if (!before?.pages) return []
      const after = {
        ...before,
        pages: before.pages.map(page => ({
          ...page,
          items: page.items.flatMap(item => patch(item) ?? []),
        })),
      }
      cache.setQueryData(entry.key, after)
      return [
        { key: entry.key, before },
      ]
    })
  return () => changed.forEach(({ key, before }) => cache.setQueryData(key, before))
}
