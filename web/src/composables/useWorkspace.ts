import { computed } from 'vue'
import { useRoute } from 'vue-router'
import { useSessionStore } from '../stores/session.ts'

/** The workspace in the address (`/w/:slug/…`) and the person's role in it; the router has checked that they are a member. */
export function useWorkspace() {
  const route = useRoute()
  const session = useSessionStore()
  const membership = computed(() => session.memberships.find(({ workspace }) => workspace.slug === route.params.slug))

  return {
    workspace: computed(() => membership.value?.workspace),
    workspaceId: computed(() => membership.value?.workspace.id),
    role: computed(() => membership.value?.role),
    /** May change members, spaces, settings of the workspace. */
    isAdmin: computed(() => membership.value?.role === 'owner' || membership.value?.role === 'admin'),
  }
}
