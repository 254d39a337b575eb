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

/**
 * The folder in view, by the address (`?folder=`). The names on the way to it are kept in the browser's history: the server tells
 * what is in a folder, not what is above it.
 */
export function useLinkFolder({ link, listFolder }: Pick<PublicLinkState, 'link' | 'listFolder'>) {
  const route = useRoute()
  const router = useRouter()
  const folderId = computed(() => typeof route.query.folder === 'string'
    ? route.query.folder
    : undefined)
  const trail = ref<Step[]>([])
  const listed = shallowRef<PublicLinkItem[]>([])
  const nextCursor = ref<string | null>(null)
  const loading = ref(false)
  const error = shallowRef<unknown>()

  async function load(more = false) {
    const id = folderId.value
    if (id === undefined || !link.value) return
    loading.value = true
    error.value = undefined
    if (!more) {
      listed.value = []
      nextCursor.value = null
    }
    try {
      const page = await listFolder(id, more
        ? nextCursor.value
        : null)
      if (id !== folderId.value || !page) return
      listed.value = more
        ? [
            ...listed.value,
            ...page.items,
          ]
        : page.items
      nextCursor.value = page.nextCursor
    }
    catch (problem) {
      if (id === folderId.value) error.value = problem
    }
    finally {
      if (id === folderId.value) loading.value = false
    }
  }

  function readTrail() {
    const kept = window.history.state?.trail as Step[] | undefined
    const own = link.value?.items.find(item => item.id === folderId.value)
    trail.value = folderId.value === undefined
      ? []
      : kept?.at(-1)?.id === folderId.value
        ? kept
        : [
            { id: folderId.value, name: own?.name ?? '', size: own?.size },
          ]
  }

  watch([
    folderId,
    () => link.value !== undefined,
  ], () => {
    readTrail()
    void load()
  }, { immediate: true })

  function enter(step: Step) {
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
    folderId,
    trail,
    items: computed(() => folderId.value === undefined
      ? link.value?.items ?? []
      : listed.value),
    hasMore: computed(() => folderId.value !== undefined && nextCursor.value !== null),
    loading,
    error,
    load,
    enter,
    leave: () => router.push({ query: {} }),
  }
}
