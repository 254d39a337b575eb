import type { ContextMenuItem } from '@nuxt/ui'
import type { MaybeRefOrGetter } from 'vue'
import type { Item, ListedItem } from '../../../api/generated/types.gen.ts'
import type { ItemActions } from './useItemActions.ts'
import { computed, toValue } from 'vue'
import { useI18n } from 'vue-i18n'

export type Permission = Item['permissions'][number]

export const may = (items: readonly Item[], permission: Permission) => items.length > 0 && items.every(item => item.permissions.includes(permission))

/** The menu of the items chosen: what the person may do with all of them. */
export function useItemMenu(chosen: MaybeRefOrGetter<ListedItem[]>, actions: ItemActions, on: { open: (item: Item) => void, showInFolder: (item: Item) => void, details: (item: Item) => void, newVersion: (item: Item) => void }) {
  const { t } = useI18n()

  return computed<ContextMenuItem[][]>(() => {
    const items = toValue(chosen)
    const [first] = items
    if (!first) return []
    const single = items.length === 1
    const when = (condition: boolean, item: ContextMenuItem) => condition
      ? [item]
      : []
    return [
      [
        ...when(single && first.kind === 'folder', {
          label: t('items.open'),
          icon: 'i-lucide-folder-open',
          onSelect: () => on.open(first),
        }),
        ...when(single && first.path !== undefined, {
          label: t('items.showInFolder'),
          icon: 'i-lucide-folder-search',
          onSelect: () => on.showInFolder(first),
        }),
        ...when(single, {
          label: t('items.details'),
          icon: 'i-lucide-info',
          onSelect: () => on.details(first),
        }),
      ],
      [
        ...when(may(items, 'download'), {
          label: t('items.download'),
          icon: 'i-lucide-download',
          onSelect: () => void actions.download(items),
        }),
        ...when(may(items, 'share'), {
          label: t('items.share'),
          icon: 'i-lucide-link',
          onSelect: () => actions.share(items),
        }),
      ],
      [
        ...when(single && may(items, 'change'), {
          label: t('items.rename'),
          icon: 'i-lucide-pencil',
          kbds: ['F2'],
          onSelect: () => void actions.rename(first),
        }),
        ...when(single && first.kind === 'file' && may(items, 'change'), {
          label: t('items.newVersion'),
          icon: 'i-lucide-file-up',
          onSelect: () => on.newVersion(first),
        }),
        ...when(may(items, 'change'), {
          label: t('items.move'),
          icon: 'i-lucide-folder-input',
          onSelect: () => void actions.move(items),
        }),
      ],
      [
        ...when(may(items, 'change'), {
          label: t('items.delete'),
          icon: 'i-lucide-trash-2',
          color: 'error',
          kbds: ['delete'],
          onSelect: () => void actions.trash(items),
        }),
      ],
    ].filter(group => group.length > 0)
  })
}
