import type { FoundTree } from '../../../uploader/tree-walk.ts'
import { useEventListener } from '@vueuse/core'
import { computed, ref } from 'vue'
import { hasFiles, treeOfTransfer } from '../../../uploader/intake.ts'

const itemsType = 'application/x-clientshare-items'

interface DropTarget { id: string, name: string, links: number }

export interface FolderDropOptions {
  /** The folder in view. */
  folderId: () => string | undefined
  canUpload: () => boolean
  onFiles: (tree: FoundTree, folderId: string) => void
  onItems: (ids: string[], folder: { id: string, name: string }) => void
}

/**
 * Files from outside are dropped anywhere on the page, or pasted; items of the list on a folder. What takes a drop carries
 * `data-drop-folder` (its id), `data-drop-name` and `data-drop-links`, by how many links it is visible.
 */
export function useFolderDrop({ folderId, canUpload, onFiles, onItems }: FolderDropOptions) {
  const dragging = ref<'files' | 'items' | null>(null)
  const over = ref<DropTarget | null>(null)

  const kindOf = (data: DataTransfer | null) => data?.types.includes(itemsType)
    ? 'items'
    : hasFiles(data)
      ? 'files'
      : null

  function targetOf(event: DragEvent): DropTarget | null {
    const element = (event.target as Element | null)?.closest?.<HTMLElement>('[data-drop-folder]')
    return element
      ? {
          id: element.dataset.dropFolder!,
          name: element.dataset.dropName ?? '',
          links: Number(element.dataset.dropLinks ?? 0),
        }
      : null
  }

  function end() {
    dragging.value = null
    over.value = null
  }

  useEventListener(window, ['dragenter', 'dragover'], (event: DragEvent) => {
    const kind = kindOf(event.dataTransfer)
    if (!kind) return
    const target = targetOf(event)
    const welcome = kind === 'items'
      ? target !== null
      : canUpload() || target !== null
    // Files that nobody takes must not replace the page either.
    if (kind === 'files' || welcome) event.preventDefault()
    if (event.dataTransfer) {
      event.dataTransfer.dropEffect = !welcome
        ? 'none'
        : kind === 'items'
          ? 'move'
          : 'copy'
    }
    dragging.value = kind
    if (over.value?.id !== target?.id) over.value = target
  })
  // Only leaving the window has nothing that is entered next.
  useEventListener(window, 'dragleave', (event: DragEvent) => event.relatedTarget === null && end())
  useEventListener(window, 'dragend', end)
  useEventListener(window, 'drop', async (event: DragEvent) => {
    const kind = kindOf(event.dataTransfer)
    const target = targetOf(event)
    end()
    if (!kind || !event.dataTransfer) return
    event.preventDefault()
    if (kind === 'items') {
      if (target) onItems(JSON.parse(event.dataTransfer.getData(itemsType)) as string[], target)
      return
    }
    const into = target?.id ?? folderId()
    if (into && (target || canUpload())) onFiles(await treeOfTransfer(event.dataTransfer), into)
  })
  useEventListener(window, 'paste', async (event: ClipboardEvent) => {
    const into = folderId()
    const typing = (event.target as Element | null)?.closest?.('input, textarea, [contenteditable]')
    if (typing || !into || !canUpload() || !event.clipboardData?.files.length) return
    event.preventDefault()
    onFiles(await treeOfTransfer(event.clipboardData), into)
  })

  return {
    dragging: computed(() => dragging.value),
    over: computed(() => over.value),
    startDrag(event: DragEvent, ids: string[]) {
      event.dataTransfer?.setData(itemsType, JSON.stringify(ids))
      if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move'
    },
  }
}
