import type { ContextMenuItem } from '@nuxt/ui'
import type { MaybeRefOrGetter } from 'vue'
import type { Item, ListedItem, SelectedItem } from '../../../api/generated/types.gen.ts'
import type { ItemActions } from './useItemActions.ts'
import { computed, toValue } from 'vue'
import { useI18n } from 'vue-i18n'

export type Permission = Item['permissions'][number]

export const may = (items: readonly Pick<Item, 'permissions'>[], permission: Permission) => items.length > 0 && items.every(item => item.permissions.includes(permission))

/** The menu of the items chosen: what the person may do with all of them. @param only the one, if it is one */
export function useItemMenu(chosen: MaybeRefOrGetter<SelectedItem[]>, only: MaybeRefOrGetter<ListedItem | undefined>, actions: ItemActions, on: { open: (item: Item) => void, showInFolder: (item: Item) => void, details: (item: Item) => void, newVersion: (item: Item) => void }) {
  const { t } = useI18n()

  return computed<ContextMenuItem[][]>(() => {
    const items = toValue(chosen)
    if (items.length === 0) return []
    const single = toValue(only)
    const when = (condition: boolean, item: ContextMenuItem) => condition
      ? [item]
      : []
    const whenOne = (condition: (item: ListedItem) => boolean, of: (item: ListedItem) => ContextMenuItem) => single && condition(single)
      ? [
          of(single),
        ]
      : []
    return [
      [
        ...whenOne(({ kind }) => kind === 'folder', item => ({
          label: t('items.open'),
          icon: 'i-lucide-folder-open',
          onSelect: () => on.open(item),
        })),
        ...whenOne(({ path }) => path !== undefined, item => ({
          label: t('items.showInFolder'),
          icon: 'i-lucide-folder-search',
          onSelect: () => on.showInFolder(item),
        })),
        ...whenOne(() => true, item => ({
          label: t('items.details'),
          icon: 'i-lucide-info',
          onSelect: () => on.details(item),
        })),
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
        ...whenOne(item => may([item], 'change'), item => ({
          label: t('items.rename'),
          icon: 'i-lucide-pencil',
          kbds: ['F2'],
          onSelect: () => void actions.rename(item),
        })),
        ...whenOne(item => item.kind === 'file' && may([item], 'change'), item => ({
          label: t('items.newVersion'),
          icon: 'i-lucide-file-up',
          onSelect: () => on.newVersion(item),
        })),
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
