import type { MaybeRefOrGetter } from 'vue'
import type { Item, SelectedItem } from '../../../api/generated/types.gen.ts'
import { useOverlay } from '@nuxt/ui/composables'
import { useQueryCache } from '@pinia/colada'
import { toValue } from 'vue'
import { useI18n } from 'vue-i18n'
import { changeItem, createArchive, createFileDownload, createFolder, moveItems, restoreItems, restoreVersion, trashItems } from '../../../api/generated/sdk/files.gen.ts'
import { ProblemError } from '../../../api/problem.ts'
import { itemKeys } from '../../../api/query-keys.ts'
import { useConfirm } from '../../../composables/useConfirm.ts'
import { useFormat } from '../../../composables/useFormat.ts'
import { useNotify } from '../../../composables/useNotify.ts'
import { lazy } from '../../../utils/lazy.ts'
import { openDownload } from '../../../utils/open-download.ts'
import { reloadQueries } from '../../../utils/reload-queries.ts'
import { useShare } from '../../links/composables/useShare.ts'
import { patchItems } from '../item-cache.ts'

const NameDialog = lazy(() => import('../components/NameDialog.vue'))
const MoveDialog = lazy(() => import('../components/MoveDialog.vue'))

/** More than one sees at once: what happens to them is said before. */
const unasked = 100

/**
 * What can be done with items. Each act shows at once, says what happened, and can be taken back where that makes sense.
 * @param onGone told of what leaves the list by it
 */
export function useItemActions(workspace: MaybeRefOrGetter<string | undefined>, onGone: (ids: ReadonlySet<string>) => void = () => {}) {
  const { t } = useI18n()
  const cache = useQueryCache()
  const overlay = useOverlay()
  const confirm = useConfirm()
  const format = useFormat()
  const notify = useNotify()
  const openShare = useShare()
  const workspaceId = () => toValue(workspace) ?? ''
  const path = () => ({
    workspaceId: workspaceId(),
  })

  const counted = ({ length }: readonly unknown[]) => ({
    count: format.number(length),
  })
  const named = (items: { name: string }[]) => items.length === 1
    ? items[0]!.name
    : t('items.items', counted(items), items.length)

  const refresh = async () => {
    await reloadQueries(cache, itemKeys.all(workspaceId()))
  }

  /** Shows the change first; a refusal takes it back and says why. */
  async function attempt(show: () => () => void, act: () => Promise<void>): Promise<boolean> {
    const undo = show()
    try {
      await act()
      return true
    }
    catch (error) {
      undo()
      notify.failed(error)
      return false
    }
    finally {
      void refresh()
    }
  }

  async function newFolder(parentId: string): Promise<Item | null> {
    const created = await overlay.create(NameDialog, { destroyOnClose: true }).open({
      title: t('items.newFolder'),
      label: t('items.folderName'),
      submitLabel: t('items.create'),
      submit: async (name: string) => (await createFolder({
        path: path(),
        body: { parentId, name },
      })).data,
    }) as Item | null
    if (created) await refresh()
    return created ?? null
  }

  async function rename(item: Item) {
    const before = item.name
    const changed = await overlay.create(NameDialog, { destroyOnClose: true }).open({
      title: t('items.renameTitle', { name: item.name }),
      label: t('items.name'),
      name: item.name,
      keepsExtension: item.kind === 'file',
      submitLabel: t('items.rename'),
      submit: async (name: string) => (await changeItem({
        path: { itemId: item.id },
        body: { name },
        headers: { 'if-match': item.etag },
      })).data,
    }) as Item | null
    if (!changed || changed.name === before) return
    patchItems(cache, workspaceId(), other => other.id === item.id
      ? {
          ...other,
          ...changed,
        }
      : other)
    void refresh()
    notify.done(t('items.renamed', { before, name: changed.name }), {
      undo: () => void attempt(() => patchItems(cache, workspaceId(), other => other.id === item.id
        ? { ...other, name: before }
        : other), async () => {
        await changeItem({
          path: { itemId: item.id },
          body: { name: before },
          headers: { 'if-match': changed.etag },
        })
      }),
    })
  }

  /** Out of every list at once. @returns a function that takes it back */
  function takeOut(ids: ReadonlySet<string>): () => void {
    const undo = patchItems(cache, workspaceId(), item => ids.has(item.id)
      ? null
      : item)
    onGone(ids)
    return undo
  }

  async function moveAll(items: SelectedItem[], parentId: string, onConflict: 'fail' | 'rename') {
    await moveItems({
      path: path(),
      body: {
        itemIds: items.map(({ id }) => id),
        parentId,
        onConflict,
      },
    })
  }

  async function moveTo(items: SelectedItem[], target: { id: string, name: string }) {
    const moving = items.filter(item => item.parentId !== target.id && item.id !== target.id)
    if (moving.length === 0) return
    const undo = takeOut(new Set(moving.map(({ id }) => id)))
    const what = named(moving)
    const saying = t('items.moving', { what, folder: target.name }, moving.length)
    try {
      await notify.during(saying, moveAll(moving, target.id, 'fail')).catch(async (error) => {
        if (!(error instanceof ProblemError) || error.code !== 'item.name_taken') throw error
        const keepBoth = await confirm({
          title: t('items.nameTaken'),
          description: error.detail ?? t('items.nameTakenWhy', { folder: target.name }),
          confirm: t('items.keepBoth'),
        })
        if (!keepBoth) throw new DOMException('', 'AbortError')
        await notify.during(saying, moveAll(moving, target.id, 'rename'))
      })
      notify.done(t('items.moved', { what, folder: target.name }), {
        undo: () => void moveBack(moving),
      })
    }
    catch (error) {
      undo()
      notify.failed(error)
    }
    await refresh()
  }

  /** Each to the folder that it came from. */
  async function moveBack(items: SelectedItem[]) {
    try {
      const saying = t('items.movingBack', {
        what: named(items),
      }, items.length)
      await notify.during(saying, (async () => {
        for (const [parentId, group] of Map.groupBy(items, item => item.parentId)) {
          if (parentId) await moveAll(group, parentId, 'rename')
        }
      })())
    }
    catch (error) {
      notify.failed(error)
    }
    await refresh()
  }

  async function move(items: SelectedItem[]) {
    const target = await overlay.create(MoveDialog, { destroyOnClose: true }).open({
      workspaceId: workspaceId(),
      items,
    }) as { id: string, name: string } | null
    if (target) await moveTo(items, target)
  }

  async function trash(items: SelectedItem[]) {
    const shared = items.filter(({ linkCount }) => linkCount)
    const isMuch = items.length > unasked
    if (shared.length > 0 || isMuch) {
      const sure = await confirm({
        title: isMuch
          ? t('items.deleteMany', counted(items))
          : t('items.deleteShared', counted(shared), shared.length),
        description: [
          ...isMuch
            ? [
                t('items.deleteManyWhy'),
              ]
            : [],
          ...shared.length > 0
            ? [
                t(isMuch ? 'items.deleteManyShared' : 'items.deleteSharedWhy', counted(shared), shared.length),
              ]
            : [],
        ].join(' '),
        items: (shared.length > 0
          ? shared
          : items).map(({ name }) => name),
        confirm: t('items.deleteCount', counted(items), items.length),
        destructive: true,
      })
      if (!sure) return
    }
    const ids = new Set(items.map(({ id }) => id))
    const what = named(items)
    const done = await attempt(() => takeOut(ids), async () => {
      await notify.during(t('items.trashing', { what }, items.length), trashItems({
        path: path(),
        body: {
          itemIds: [...ids],
        },
      }))
    })
    if (done) {
      notify.done(t('items.trashed', { what }), {
        undo: () => void restore(items),
      })
    }
  }

  async function restore(items: Pick<Item, 'id' | 'name'>[]) {
    const what = named(items)
    try {
      await notify.during(t('items.restoring', { what }, items.length), restoreItems({
        path: path(),
        body: {
          itemIds: items.map(({ id }) => id),
        },
      }))
      notify.done(t('items.restored', { what }))
    }
    catch (error) {
      notify.failed(error)
    }
    await refresh()
  }

  async function download(items: Pick<Item, 'id' | 'kind' | 'name'>[]) {
    try {
      const [only] = items
      const { data } = items.length === 1 && only?.kind === 'file'
        ? await createFileDownload({
            path: { fileId: only.id },
          })
        : await notify.during(t('items.packing', {
            what: named(items),
          }), createArchive({
            path: path(),
            body: {
              itemIds: items.map(({ id }) => id),
            },
          }))
      openDownload(data.url)
      if (items.length > 1) {
        notify.done(t('items.packed', {
          what: named(items),
        }))
      }
    }
    catch (error) {
      notify.failed(error)
    }
  }

  /** Also an earlier one. */
  async function downloadVersion(fileId: string, version: number) {
    try {
      const { data } = await createFileDownload({
        path: { fileId },
        query: { version },
      })
      openDownload(data.url)
    }
    catch (error) {
      notify.failed(error)
    }
  }

  /** An earlier version becomes the current one again; taken back by restoring the one that was. */
  async function makeCurrent(file: Pick<Item, 'id' | 'name' | 'etag' | 'version'>, version: number) {
    try {
      const { data: changed } = await restoreVersion({
        path: { fileId: file.id, version },
        headers: { 'if-match': file.etag },
      })
      const before = file.version
      notify.done(t('items.versionRestored', { name: file.name, number: version }), {
        undo: before === null
          ? undefined
          : () => void makeCurrent(changed, before),
      })
    }
    catch (error) {
      notify.failed(error)
    }
    await refresh()
  }

  return {
    newFolder,
    rename,
    move,
    moveTo,
    trash,
    restore,
    download,
    downloadVersion,
    makeCurrent,
    share: (items: Pick<Item, 'id' | 'kind' | 'name'>[]) => openShare(workspaceId(), items),
  }
}

export type ItemActions = ReturnType<typeof useItemActions>
