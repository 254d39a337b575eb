import { computed } from 'vue'
import { useRoute } from 'vue-router'
import { useSessionStore } from '../stores/session.ts'

/** The workspace in the address (`/w/:slug/…`) and the person's role in it; the router has checked that they are a member. */
export function useWorkspace() {
  const route = useRoute()
  const session = useSessionStore()
  const membership = computed(() => session.memberships.find(({ slug }) => slug === route.params.slug))

  return {
    workspaceId: computed(() => membership.value?.workspaceId),
    name: computed(() => membership.value?.name),
    slug: computed(() => membership.value?.slug),
    role: computed(() => membership.value?.role),
    /** May change members, spaces, settings of the workspace. */
    isAdmin: computed(() => membership.value?.role === 'owner' || membership.value?.role === 'admin'),
  }
}
