import type { MaybeRefOrGetter } from 'vue'
import { useQuery, useQueryCache } from '@pinia/colada'
import { computed, toValue, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { cancelPurge, listPurges } from '../../../api/generated/sdk/files.gen.ts'
import { itemKeys } from '../../../api/query-keys.ts'
import { useNotify } from '../../../composables/useNotify.ts'
import { reloadQueries } from '../../../utils/reload-queries.ts'

/** What this person deletes for ever in the background, kept true by live events; the end of it is said. */
export function usePurges(workspaceId: MaybeRefOrGetter<string>) {
  const { t } = useI18n()
  const notify = useNotify()
  const cache = useQueryCache()
  const query = useQuery(() => {
    const path = {
      workspaceId: toValue(workspaceId),
    }
    return {
      key: itemKeys.purges(path.workspaceId),
      enabled: path.workspaceId !== '',
      query: async ({ signal }) => (await listPurges({ path, signal })).data.items,
    }
  })
  const all = computed(() => query.data.value ?? [])
  const open = computed(() => all.value.filter(({ endedAt }) => endedAt === null))

  watch(open, (_, before) => {
    const ended = all.value.filter(({ id, endedAt }) => endedAt !== null && before.some(purge => purge.id === id))
    for (const { done } of ended) notify.done(t('items.trash.purgeEnded', done))
  })

  async function cancel(purgeId: string) {
    const id = toValue(workspaceId)
    try {
      await cancelPurge({
        path: { workspaceId: id, purgeId },
      })
    }
    catch (error) {
      notify.failed(error)
    }
    await reloadQueries(cache, itemKeys.all(id))
  }

  return { open, cancel }
}
