import { ref, watch } from 'vue'
import { apiFetch } from '../api/http.ts'

/** What was fetched, for as long as the page lives: a version never becomes another picture. */
const fetched = new Map<string, Promise<string | undefined>>()

async function fetchPicture(userId: string): Promise<string | undefined> {
  try {
    const response = await apiFetch(new URL(`/api/v1/users/${userId}/picture`, location.origin))
    return URL.createObjectURL(await response.blob())
  }
  catch {
    // It was taken away meanwhile, or the server is: initials do.
    return undefined
  }
}

/** The address of somebody's picture; undefined without one, and until it is there. An `<img>` cannot ask for it by itself: it has no access token. */
export function usePicture(whose: () => { id: string | undefined, version: string | null | undefined }) {
  const url = ref<string>()
  watch(whose, async ({ id, version }, _before, onCleanup) => {
    let isOver = false
    onCleanup(() => { isOver = true })
    url.value = undefined
    if (!id || !version) return
    const key = `${id}/${version}`
    const found = await (fetched.get(key) ?? fetched.set(key, fetchPicture(id)).get(key)!)
    if (found === undefined) fetched.delete(key)
    if (!isOver) url.value = found
  }, { immediate: true })
  return url
}
