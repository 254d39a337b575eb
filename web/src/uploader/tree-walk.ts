/** A file and the folders, below where it was dropped, that it came in. */
export interface FoundFile {
  folders: string[]
  file: File
  /** Where the browser gives one: reads the file again after a reload. */
  handle?: FileSystemFileHandle
}

export interface FoundTree {
  files: FoundFile[]
  /** Folders with nothing in them; the others follow from the files. */
  emptyFolders: string[][]
  /** What could not be read, by path. */
  unreadable: string[]
}

/** What a reader of a dropped folder answers, batch after batch, until one is empty (File and Directory Entries API, §7.3). */
function readAll(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  return new Promise((resolve, reject) => {
    const next = () => reader.readEntries((batch) => {
      if (batch.length === 0) return resolve(all)
      all.push(...batch)
      next()
    }, reject)
    next()
  })
}

const openFile = (entry: FileSystemFileEntry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject))

/** Walks what was dropped, folders with their structure. What cannot be read is named and does not end the rest. */
export async function walkEntries(entries: readonly FileSystemEntry[]): Promise<FoundTree> {
  const tree: FoundTree = { files: [], emptyFolders: [], unreadable: [] }

  async function walk(entry: FileSystemEntry, folders: string[]): Promise<void> {
    try {
      if (entry.isFile) {
        tree.files.push({ folders, file: await openFile(entry as FileSystemFileEntry) })
        return
      }
      const path = [...folders, entry.name]
      const children = await readAll(entry as FileSystemDirectoryEntry)
      if (children.length === 0) tree.emptyFolders.push(path)
      for (const child of children) await walk(child, path)
    }
    catch {
      tree.unreadable.push([...folders, entry.name].join('/'))
    }
  }

  for (const entry of entries) await walk(entry, [])
  return tree
}

/** What an `<input webkitdirectory>` or a plain one gives. Empty folders are not told. */
export function treeOfFiles(files: Iterable<File>): FoundTree {
  return {
    files: Array.from(files, file => ({
      file,
      folders: (file.webkitRelativePath ?? '').split('/').slice(0, -1),
    })),
    emptyFolders: [],
    unreadable: [],
  }
}
