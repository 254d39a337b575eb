import { watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * What the link that led here hands over: it stands behind `#`, which no server and no log ever sees, and goes from the address, which others may look at.
 * Told at once, and again when another such link is opened in the same tab.
 */
export function useHandedToken(take: (token: string) => void): void {
  const route = useRoute()
  const router = useRouter()
  watch(() => route.hash, (hash) => {
    const token = new URLSearchParams(hash.slice(1)).get('token')
    if (!token) return
    void router.replace({ path: route.path, hash: '' })
    take(token)
  }, { immediate: true })
}
