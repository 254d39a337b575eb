import type { MaybeRefOrGetter } from 'vue'
import type { TrashedItem } from '../../../api/generated/types.gen.ts'
import { useOverlay } from '@nuxt/ui/composables'
import { useInfiniteQuery, useQueryCache } from '@pinia/colada'
import { computed, ref, toValue } from 'vue'
import { useI18n } from 'vue-i18n'
import { listTrash, purgeItems, restoreItems } from '../../../api/generated/sdk/files.gen.ts'
import { itemKeys } from '../../../api/query-keys.ts'
import { useConfirm } from '../../../composables/useConfirm.ts'
import { useNotify } from '../../../composables/useNotify.ts'
import { lazy } from '../../../utils/lazy.ts'
import { loadNextPage, nextCursor, reloadQueries } from '../../../utils/reload-queries.ts'

const PurgeDialog = lazy(() => import('../components/PurgeDialog.vue'))

/** What was deleted, and the ways back and out. */
export function useTrash(workspaceId: MaybeRefOrGetter<string>) {
  const { t } = useI18n()
  const cache = useQueryCache()
  const overlay = useOverlay()
  const confirm = useConfirm()
  const notify = useNotify()
  const path = () => ({
    workspaceId: toValue(workspaceId),
  })

  const query = useInfiniteQuery(() => {
    const where = path()
    return {
      key: itemKeys.trash(where.workspaceId),
      initialPageParam: '',
      query: async ({ pageParam, signal }) => (await listTrash({
        path: where,
        query: { limit: 100, cursor: pageParam || undefined },
        signal,
      })).data,
      getNextPageParam: nextCursor,
    }
  })
  const items = computed(() => query.data.value?.pages.flatMap(page => page.items) ?? [])
  const chosen = ref(new Set<string>())
  const selected = computed(() => items.value.filter(({ id }) => chosen.value.has(id)))
  const named = (list: TrashedItem[]) => list.length === 1
    ? list[0]!.name
    : t('items.items', list.length)

  async function run(act: () => Promise<string>) {
    try {
      notify.done(await act())
      chosen.value = new Set()
    }
    catch (error) {
      notify.failed(error)
    }
    await reloadQueries(cache, itemKeys.all(toValue(workspaceId)))
  }

  async function restore(list: TrashedItem[]) {
    await run(async () => {
      await restoreItems({
        path: path(),
        body: {
          itemIds: list.map(({ id }) => id),
        },
      })
      return t('items.restored', {
        what: named(list),
      })
    })
  }

  async function purge(list: TrashedItem[]) {
    const sure = await confirm({
      title: t('items.trash.purgeTitle', {
        what: named(list),
      }),
      description: t('items.trash.purgeWhy'),
      items: list.map(({ name }) => name),
      confirm: t('items.trash.purge'),
      destructive: true,
    })
    if (sure) {
      await run(async () => {
        const { data: purge } = await purgeItems({
          path: path(),
          body: {
            itemIds: list.map(({ id }) => id),
          },
        })
        return purge
          ? t('items.trash.purgeBegun')
          : t('items.trash.purged', {
              what: named(list),
            })
      })
    }
  }

  async function empty() {
    const sure = await overlay.create(PurgeDialog, { destroyOnClose: true }).open({
      title: t('items.trash.emptyTitle'),
      description: t('items.trash.purgeWhy'),
      items: items.value.map(({ name }) => name),
      more: query.hasNextPage.value,
      word: t('items.trash.word'),
      confirm: t('items.trash.emptyNow'),
    })
    if (sure) {
      await run(async () => {
        const { data: purge } = await purgeItems({
          path: path(),
          body: {},
        })
        return purge
          ? t('items.trash.purgeBegun')
          : t('items.trash.emptied')
      })
    }
  }

  return {
    items,
    chosen,
    selected,
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    loadMore: () => loadNextPage(query),
    toggle: (id: string) => {
      const next = new Set(chosen.value)
      if (!next.delete(id)) next.add(id)
      chosen.value = next
    },
    clear: () => { chosen.value = new Set() },
    restore,
    purge,
    empty,
  }
}
