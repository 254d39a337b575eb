import type { MaybeRefOrGetter } from 'vue'
import { useQuery, useQueryCache } from '@pinia/colada'
import { useThrottleFn } from '@vueuse/core'
import { computed, toValue } from 'vue'
import { listInvitations, listMembers } from '../../../api/generated/sdk/members.gen.ts'
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
  const members = useQuery(() => {
    const path = {
      workspaceId: id(),
    }
    return {
      key: memberKeys.list(path.workspaceId),
      enabled: path.workspaceId !== '',
      query: async ({ signal }) => (await listMembers({ path, signal })).data.items,
    }
  })
  const invitations = useQuery(() => {
    const path = {
      workspaceId: id(),
    }
    return {
      key: memberKeys.invitations(path.workspaceId),
      enabled: path.workspaceId !== '' && toValue(manages),
      query: async ({ signal }) => (await listInvitations({ path, signal })).data.items,
    }
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
