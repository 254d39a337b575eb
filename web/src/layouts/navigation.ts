import type { RouteLocationRaw } from 'vue-router'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import { useNewRequests } from '../composables/useNewRequests.ts'
import { useUnreadNotifications } from '../composables/useUnreadNotifications.ts'
import { useUnseenActivity } from '../composables/useUnseenActivity.ts'
import { useSessionStore } from '../stores/session.ts'
import { useUiStore } from '../stores/ui.ts'

export interface Place {
  name: string
  label: string
  /** Where there is little room. */
  short?: string
  icon: string
  to: RouteLocationRaw
  active: boolean
  /** For the palette and the overlay, as in useShortcuts. */
  keys?: string
  /** How much there waits. */
  count?: number
  /** Whether something happened there that the person has not seen. */
  isUnseen?: boolean
}

const news = {
  name: 'notifications',
  label: 'shell.places.notifications',
  icon: 'i-lucide-bell',
}

const workspacePlaces = [
  {
    name: 'files',
    label: 'shell.places.files',
    icon: 'i-lucide-folder',
    keys: 'g-f',
  },
  {
    name: 'links',
    label: 'shell.places.links',
    icon: 'i-lucide-link',
    keys: 'g-l',
  },
  {
    name: 'members',
    label: 'shell.places.members',
    icon: 'i-lucide-users',
    keys: 'g-m',
  },
  {
    name: 'activity',
    label: 'shell.places.activity',
    icon: 'i-lucide-activity',
    keys: 'g-a',
    adminsOnly: true,
  },
  {
    name: 'trash',
    label: 'shell.places.trash',
    icon: 'i-lucide-trash-2',
    keys: 'g-t',
  },
]

const operatorPlaces = [
  { name: 'admin-workspaces', label: 'shell.places.workspaces', icon: 'i-lucide-building-2' },
  { name: 'admin-people', label: 'shell.places.people', icon: 'i-lucide-users-round' },
  { name: 'admin-requests', label: 'shell.places.requests', icon: 'i-lucide-inbox' },
  { name: 'admin-mail', label: 'shell.places.mail', icon: 'i-lucide-mail' },
  { name: 'admin-announcements', label: 'shell.places.announcements', icon: 'i-lucide-megaphone' },
  { name: 'admin-policies', label: 'shell.places.policies', icon: 'i-lucide-scroll-text' },
  { name: 'admin-retention', label: 'shell.places.retention', icon: 'i-lucide-timer' },
  { name: 'admin-activity', label: 'shell.places.instanceActivity', icon: 'i-lucide-history' },
  { name: 'admin-doctor', label: 'shell.places.doctor', icon: 'i-lucide-stethoscope' },
  { name: 'admin-settings', label: 'shell.places.settings', icon: 'i-lucide-settings' },
]

const isAdmin = ({ role }: { role: string }) => role === 'owner' || role === 'admin'

/**
 * Where the person can go from here. A place is a route's name; it shows when a feature has registered that route, and is
 * current on every route whose name begins with it (`files`, `files-search`).
 */
export function useNavigation() {
  const { t } = useI18n()
  const router = useRouter()
  const route = useRoute()
  const session = useSessionStore()
  const ui = useUiStore()
  const newRequests = useNewRequests()
  const unread = useUnreadNotifications()

  const workspace = computed(() => {
    const slug = route.params.slug ?? ui.lastWorkspace
    return session.memberships.find(membership => membership.slug === slug) ?? session.memberships[0]
  })

  const seesActivity = computed(() => workspace.value && isAdmin(workspace.value)
    ? workspace.value.workspaceId
    : undefined)
  const unseen = useUnseenActivity(seesActivity)

  const toPlace = (place: { name: string, label: string, icon: string, keys?: string }, params = {}): Place => ({
    ...place,
    label: t(place.label),
    to: { name: place.name, params },
    active: String(route.name ?? '').startsWith(place.name),
  })

  return {
    workspace,
    /** What happened that concerns the person, wherever it was. */
    news: computed((): Place => ({
      ...toPlace(news),
      short: t('shell.newsShort'),
      isUnseen: (unread.value ?? 0) > 0,
    })),
    /** The workspace's id for who may see its log. */
    seesActivity,
    places: computed((): Place[] => workspace.value
      ? workspacePlaces.filter(({ name, adminsOnly }) => router.hasRoute(name) && (!adminsOnly || isAdmin(workspace.value!))).map(place => toPlace(place, { slug: workspace.value!.slug })).map(place => ({
          ...place,
          // Whoever is there sees it come.
          isUnseen: place.name === 'activity' && !place.active && (unseen.value ?? 0) > 0,
        }))
      : []),
    operatorPlaces: computed((): Place[] => session.isOperator
      ? operatorPlaces.filter(({ name }) => router.hasRoute(name)).map(place => ({
          ...toPlace(place),
          count: place.name === 'admin-requests'
            ? newRequests.value
            : undefined,
        }))
      : []),
  }
}
