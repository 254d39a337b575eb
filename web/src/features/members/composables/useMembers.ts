import type { MaybeRefOrGetter } from 'vue'
import { useQuery, useQueryCache } from '@pinia/colada'
import { useThrottleFn } from '@vueuse/core'
import { computed, toValue } from 'vue'
import { listInvitations, listMembers } from '../../../api/generated/sdk.gen.ts'
import { topicOf, useLiveEvents } from '../../../composables/useLiveEvents.ts'
import { reloadQueries } from '../../../utils/reload-queries.ts'

export const memberKeys = {
  all: (workspaceId: string) => ['members', workspaceId] as const,
  list: (workspaceId: string) => ['members', workspaceId, 'list'] as const,
  invitations: (workspaceId: string) => ['members', workspaceId, 'invitations'] as const,
}

/** The members of a workspace and, for those who manage them, the open invitations; kept true by live events. */
export function useMembers(workspaceId: MaybeRefOrGetter<string | undefined>, manages: MaybeRefOrGetter<boolean>) {
  const cache = useQueryCache()
  const id = () => toValue(workspaceId) ?? ''
  const members = useQuery({
    key: () => memberKeys.list(id()),
    enabled: () => id() !== '',
    query: async ({ signal }) => (await listMembers({
      path: {
        workspaceId: id(),
      },
      signal,
    })).data.items,
  })
  const invitations = useQuery({
    key: () => memberKeys.invitations(id()),
    enabled: () => id() !== '' && toValue(manages),
    query: async ({ signal }) => (await listInvitations({
      path: {
        workspaceId: id(),
      },
      signal,
    })).data.items,
  })
  // One change may bring several events.
  const refresh = useThrottleFn(() => reloadQueries(cache, memberKeys.all(id())), 300, true)

  useLiveEvents(workspaceId, (event) => {
    if (topicOf(event) === 'members') void refresh()
  }, () => void refresh())

  return {
    members,
    openInvitations: computed(() => (invitations.data.value ?? []).filter(({ state }) => state === 'open')),
    refresh,
  }
}
