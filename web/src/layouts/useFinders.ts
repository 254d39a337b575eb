import type { MaybeRefOrGetter } from 'vue'
import type { Finder, Found } from '../feature-finders.ts'
import { refDebounced } from '@vueuse/core'
import { computed, onScopeDispose, ref, shallowRef, toValue, watch } from 'vue'
import { isAbort } from '../api/problem.ts'

const finders = Object.values(import.meta.glob<Finder>('../features/*/finder.ts', { eager: true, import: 'default' })).sort((a, b) => a.rank - b.rank)
/** Of each kind; the page of all has the rest. */
const limit = 6

export interface FoundGroup {
  finder: Finder
  found: Found[]
  hasMore: boolean
  failed: boolean
}

/** What the features find of what is typed, a moment after it was: who types on asks anew, and the older question is given up. */
export function useFinders(workspace: MaybeRefOrGetter<{ id: string, slug: string } | undefined>, typed: MaybeRefOrGetter<string>) {
  const q = refDebounced(computed(() => toValue(typed).trim()), 150)
  const groups = shallowRef<FoundGroup[]>([])
  const searching = ref(false)
  let asked = new AbortController()

  watch([
    q,
    () => toValue(workspace)?.id,
  ], async () => {
    asked.abort()
    const { signal } = asked = new AbortController()
    const where = toValue(workspace)
    if (!where || q.value === '') {
      groups.value = []
      searching.value = false
      return
    }
    searching.value = true
    const found = await Promise.all(finders.map(async (finder): Promise<FoundGroup> => {
      try {
        return {
          finder,
          failed: false,
          ...await finder.find(where, q.value, { limit, signal }),
        }
      }
      catch (error) {
        return {
          finder,
          found: [],
          hasMore: false,
          failed: !isAbort(error),
        }
      }
    }))
    if (signal.aborted) return
    groups.value = found
    searching.value = false
  })
  onScopeDispose(() => asked.abort())

  return { q, groups, searching }
}
