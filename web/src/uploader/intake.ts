import type { FoundTree } from './tree-walk.ts'
import { treeOfFiles, walkEntries } from './tree-walk.ts'

interface ItemWithHandle extends DataTransferItem {
  getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>
}

type FilePicker = (options: { multiple: boolean }) => Promise<FileSystemFileHandle[]>

/** Whether what is dragged over the page comes from outside it. */
export const hasFiles = (data: DataTransfer | null) => data !== null && Array.from(data.types).includes('Files')

/** What was dropped or pasted. The browser empties `data` after the event, so everything is taken from it before the first await. */
export async function treeOfTransfer(data: DataTransfer): Promise<FoundTree> {
  const entries: FileSystemEntry[] = []
  const loose: File[] = []
  const handles: Promise<FileSystemHandle | null>[] = []
  for (const item of Array.from(data.items) as ItemWithHandle[]) {
    if (item.kind !== 'file') continue
    const entry = item.webkitGetAsEntry?.()
    if (entry) {
      entries.push(entry)
    }
    else {
      const file = item.getAsFile()
      if (file) loose.push(file)
    }
    if (entry?.isFile) handles.push(item.getAsFileSystemHandle?.().catch(() => null) ?? Promise.resolve(null))
  }
  const tree = await walkEntries(entries)
  tree.files.push(...treeOfFiles(loose).files)
  const known = new Map((await Promise.all(handles)).flatMap(handle => handle?.kind === 'file'
    ? [
        [handle.name, handle as FileSystemFileHandle],
      ]
    : []))
  for (const found of tree.files) {
    if (found.folders.length === 0) found.handle = known.get(found.file.name)
  }
  return tree
}

/** The browser's own picker with handles, where there is one (Chromium, on https). Null: use an `<input>`. */
export function filePicker({ multiple = true } = {}): (() => Promise<FoundTree | null>) | null {
  const { showOpenFilePicker } = globalThis as { showOpenFilePicker?: FilePicker }
  if (!showOpenFilePicker) return null
  return async () => {
    try {
      const handles = await showOpenFilePicker({ multiple })
      const files = await Promise.all(handles.map(async handle => ({ file: await handle.getFile(), handle, folders: [] })))
      return { files, emptyFolders: [], unreadable: [] }
    }
    catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return null
      throw error
    }
  }
}

/** One file of the person's choice, by whichever picker there is; has to come from a click. Null: none was chosen. */
export function pickFile(): Promise<FoundTree | null> {
  const pick = filePicker({ multiple: false })
  if (pick) return pick()
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.addEventListener('change', () => resolve(treeOfFiles(input.files ?? [])))
    input.addEventListener('cancel', () => resolve(null))
    input.click()
  })
}
