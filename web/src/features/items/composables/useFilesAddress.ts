import type { Item } from '../../../api/generated/types.gen.ts'
import type { Sort } from '../item-queries.ts'
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { step } from '../../../utils/routing.ts'
import { sorts } from '../item-queries.ts'

/** What the files page shows, as the address has it: folder, sort, search, the item whose details are open. */
export function useFilesAddress() {
  const route = useRoute()
  const router = useRouter()
  const text = (value: unknown) => typeof value === 'string'
    ? value
    : ''

  const query = (changes: Record<string, string | undefined>) => ({
    query: Object.fromEntries(Object.entries({
      ...route.query,
      ...changes,
    }).filter(([, value]) => value)),
  })

  return {
    folderId: computed(() => text(route.params.folderId) || undefined),
    sort: computed<Sort>(() => sorts.find(sort => sort === route.query.sort) ?? 'name'),
    q: computed(() => text(route.query.q).slice(0, 200)),
    panel: computed(() => text(route.query.panel) || undefined),

    goTo: (folder: Pick<Item, 'id'> | undefined) => router.push({
      name: 'files',
      params: { ...route.params, folderId: folder?.id ?? '' },
      query: route.query.sort
        ? { sort: route.query.sort }
        : {},
    }),
    setSort: (sort: Sort) => router.replace(query({
      sort: sort === 'name'
        ? undefined
        : sort,
    })),
    /** A search is one step, however often its words change. */
    setQuery: (text: string) => {
      const q = text.trim() || undefined
      const to = query({ q, panel: undefined })
      if (q && route.query.q) void router.replace(to)
      else if (q || route.query.q) step(router, to)
    },
    /** As are the details, whosever they are. */
    setPanel: (id: string | undefined) => id && route.query.panel
      ? void router.replace(query({ panel: id }))
      : step(router, query({ panel: id })),
  }
}
