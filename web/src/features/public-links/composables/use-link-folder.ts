import type { PublicLinkItem } from '../../../api/generated/types.gen.ts'
import type { PublicLinkState } from './use-public-link.ts'
import { computed, ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export interface Step {
  id: string
  name: string
  /** Bytes below it; absent when the page was opened right at this folder. */
  size?: number | null
}

/** A folder as it is in view; all of it changes at once, when what is in it has come. Without an id: the top of the link. */
interface Shown {
  id?: string
  trail: Step[]
  items: PublicLinkItem[]
  nextCursor: string | null
}

/**
 * The folder that the address names (`?folder=`). The names on the way to it are kept in the browser's history: the server tells
 * what is in a folder, not what is above it.
 */
export function useLinkFolder({ link, listFolder }: Pick<PublicLinkState, 'link' | 'listFolder'>) {
  const route = useRoute()
  const router = useRouter()
  const asked = computed(() => typeof route.query.folder === 'string'
    ? route.query.folder
    : undefined)
  const shown = shallowRef<Shown>()
  /** As they were left: Back shows them at once, so that the page can be where it was. */
  const left = new Map<string, Shown>()
  const loading = ref(false)
  const error = shallowRef<unknown>()

  function trailTo(id: string): Step[] {
    const kept = window.history.state?.trail as Step[] | undefined
    if (kept?.at(-1)?.id === id) return kept
    const own = link.value?.items.find(item => item.id === id)
    return [
      { id, name: own?.name ?? '', size: own?.size },
    ]
  }

  function arrive() {
    if (!link.value) return
    const id = asked.value
    error.value = undefined
    loading.value = false
    if (id === undefined) {
      shown.value = { trail: [], items: link.value.items, nextCursor: null }
    }
    else if (left.has(id)) {
      shown.value = left.get(id)
    }
    else {
      void fill({
        id,
        trail: trailTo(id),
        items: [],
        nextCursor: null,
      })
    }
  }

  /** Adds the next page to a folder, the first as well. What is in view stays until it has come. */
  async function fill(folder: Shown & { id: string }) {
    const isAsked = () => folder.id === asked.value
    shown.value ??= folder
    error.value = undefined
    loading.value = true
    try {
      const page = await listFolder(folder.id, folder.nextCursor)
      if (!isAsked() || !page) return
      const items = [
        ...folder.items,
        ...page.items,
      ]
      shown.value = { ...folder, items, nextCursor: page.nextCursor }
      left.set(folder.id, shown.value)
    }
    catch (problem) {
      if (!isAsked()) return
      shown.value = folder
      error.value = problem
    }
    finally {
      if (isAsked()) loading.value = false
    }
  }

  watch([
    asked,
    () => link.value !== undefined,
  ], arrive, { immediate: true })

  const trail = computed(() => shown.value?.trail ?? [])

  function enter(step: Step) {
    left.delete(step.id)
    const known = trail.value.findIndex(({ id }) => id === step.id)
    const next = known === -1
      ? [...trail.value, step]
      : trail.value.slice(0, known + 1)
    return router.push({
      query: { folder: step.id },
      state: {
        trail: next.map(({ id, name, size }) => ({ id, name, size })),
      },
    })
  }

  return {
    /** Of the folder in view. */
    folderId: computed(() => shown.value
      ? shown.value.id
      : asked.value),
    trail,
    items: computed(() => shown.value?.items ?? link.value?.items ?? []),
    hasMore: computed(() => Boolean(shown.value?.nextCursor)),
    loading,
    /** Another folder is on its way. */
    leaving: computed(() => loading.value && shown.value?.id !== asked.value),
    error,
    retry: arrive,
    more: () => fill(shown.value as Shown & { id: string }),
    enter,
    leave: () => router.push({ query: {} }),
  }
}
