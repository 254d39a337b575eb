import { useRoute, useRouter } from 'vue-router'
import { useSessionStore } from '../stores/session.ts'
import { topicOf, usePersonEvents } from './useLiveEvents.ts'
import { useNotify } from './useNotify.ts'

/** Called once, by the staff's layout: a role that was changed, or a membership that was ended, shows at once. */
export function useMembershipChanges() {
  const route = useRoute()
  const router = useRouter()
  const session = useSessionStore()
  const notify = useNotify()

  async function look() {
    if (!session.isSignedIn || session.expired) return
    try {
      await session.loadMe()
      const { slug } = route.params
      if (slug && !session.memberships.some(membership => membership.slug === slug)) await router.replace('/')
    }
    catch (error) {
      notify.failed(error)
    }
  }

  usePersonEvents((event) => {
    const { userId } = (event.data ?? {}) as { userId?: string }
    if (topicOf(event) === 'members' && userId && userId === session.me?.id) void look()
  }, undefined, () => void look())
}
