import type { ListLinksData } from '../../../api/generated/types.gen.ts'
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { step } from '../../../utils/routing.ts'

type Query = NonNullable<ListLinksData['query']>

export const linkSorts = [
  '-createdAt',
  'createdAt',
  '-lastOpenedAt',
  '-openCount',
  '-downloadCount',
  'expiresAt',
] as const satisfies readonly Query['sort'][]
export type LinkSort = (typeof linkSorts)[number]

/** `all`: asked for nothing. */
export const linkStates = [
  'active',
  'ended',
  'suspended',
  'expired',
  'used_up',
  'revoked',
  'all',
] as const satisfies readonly (Query['state'] | 'all')[]
export type LinkStates = (typeof linkStates)[number]

const usual = { sort: '-createdAt', state: 'active' } as const

/** Which links the page shows, as the address has it. */
export function useLinksAddress() {
  const route = useRoute()
  const router = useRouter()
  const query = (changes: Record<string, string | undefined>) => ({
    query: Object.fromEntries(Object.entries({
      ...route.query,
      ...changes,
    }).filter(([name, value]) => value && value !== usual[name as keyof typeof usual])),
  })
  const q = computed(() => typeof route.query.q === 'string'
    ? route.query.q.slice(0, 200)
    : '')

  return {
    q,
    sort: computed<LinkSort>(() => linkSorts.find(sort => sort === route.query.sort) ?? usual.sort),
    state: computed<LinkStates>(() => linkStates.find(state => state === route.query.state) ?? usual.state),
    set: (changes: { sort?: LinkSort, state?: LinkStates }) => step(router, query(changes)),
    /** A search is one step, however often its words change. */
    setQuery: (text: string) => {
      const to = query({
        q: text.trim(),
      })
      if (text.trim() && q.value) void router.replace(to)
      else if (text.trim() || q.value) step(router, to)
    },
  }
}
