import type { MaybeRefOrGetter } from 'vue'
import type { Item } from '../../../api/generated/types.gen.ts'
import { useQuery } from '@pinia/colada'
import { computed, toValue, watch } from 'vue'
import { listLinks } from '../../../api/generated/sdk/links.gen.ts'
import { listInvitations, listMembers } from '../../../api/generated/sdk/members.gen.ts'
import { linkKeys } from '../../../api/query-keys.ts'
import { useKept } from '../../../composables/useKept.ts'
import { useSessionStore } from '../../../stores/session.ts'

export interface FirstStepsOptions {
  workspaceId: MaybeRefOrGetter<string>
  /** Whether the person is one who sets the workspace up, and at its top. */
  applies: MaybeRefOrGetter<boolean>
  items: MaybeRefOrGetter<Item[]>
}

/** Whether the first steps are shown, and how far they are: until all are done, or the person wants to see them no more. */
export function useFirstSteps({ workspaceId, applies, items }: FirstStepsOptions) {
  const session = useSessionStore()
  /** In this browser, by person and workspace. */
  const dismissed = useKept<string[]>('clientshare.first-steps.dismissed', [])
  const own = computed(() => `${session.me?.id} ${toValue(workspaceId)}`)
  const wanted = computed(() => toValue(applies) && !dismissed.value.includes(own.value))
  const links = useQuery(() => {
    const path = {
      workspaceId: toValue(workspaceId),
    }
    return {
      key: linkKeys.list(path.workspaceId, { first: 'yes' }),
      enabled: wanted.value,
      query: async ({ signal }) => (await listLinks({
        path,
        query: { limit: 1 },
        signal,
      })).data.items.length > 0,
    }
  })
  const colleagues = useQuery(() => {
    const path = {
      workspaceId: toValue(workspaceId),
    }
    return {
      key: [
        'members',
        path.workspaceId,
        'first',
      ],
      enabled: wanted.value,
      query: async ({ signal }) => {
        const [members, invitations] = await Promise.all([
          listMembers({ path, signal }),
          listInvitations({ path, signal }),
        ])
        return members.data.items.length > 1 || invitations.data.items.length > 0
      },
    }
  })
  const isAsked = computed(() => wanted.value && (links.isPending.value || colleagues.isPending.value))
  const hasFiles = computed(() => toValue(items).length > 0)
  const dismiss = () => {
    dismissed.value = [
      ...dismissed.value,
      own.value,
    ]
  }
  // What is done is not asked again with every visit.
  watch(() => wanted.value && hasFiles.value && links.data.value && colleagues.data.value, (isDone) => { if (isDone) dismiss() })
  return {
    // Not before it is known how far they are, and no longer when all is done.
    shown: computed(() => wanted.value && links.data.value !== undefined && colleagues.data.value !== undefined
      && !(hasFiles.value && links.data.value && colleagues.data.value)),
    /** Whether it is still to be known whether they are shown: what stands below them would move. */
    isAsked,
    hasColleagues: computed(() => colleagues.data.value ?? false),
    hasFiles,
    hasLinks: computed(() => links.data.value ?? false),
    dismiss,
  }
}
