import type { QueryCache } from '@pinia/colada'
import type { Item } from '../../api/generated/types.gen.ts'

export interface ItemPages {
  pages: { items: Item[], nextCursor: string | null }[]
  pageParams: string[]
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
