import { useRouter } from 'vue-router'
import { useSessionStore } from '../stores/session.ts'
import { useNotify } from './useNotify.ts'

/** Signs out, unless something that it would end (an upload) is not to be ended. */
export function useSignOut() {
  const router = useRouter()
  const session = useSessionStore()
  const notify = useNotify()

  return async () => {
    if (!await session.mayEnd()) return
    try {
      const elsewhere = await session.signOut()
      if (elsewhere) return location.assign(elsewhere)
    }
    catch (error) {
      // Gone from this browser all the same; the server's half ends with the refresh token's life.
      notify.failed(error)
    }
    await router.replace('/login')
  }
}
