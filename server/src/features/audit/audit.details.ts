/** What details tell of items, alike in every event. */

interface ToldItem { id: string, kind: 'file' | 'folder', name: string }

const MOST_TOLD = 20

export const toldItems = (items: readonly ToldItem[]) => ({
  items: items.slice(0, MOST_TOLD).map(({ id, kind, name }) => ({ id, kind, name })),
  itemCount: items.length,
})

/** The folder that an item lies in; nothing for the top of a space. */
export function folderOf({ path }: { path: readonly { id: string, name: string }[] }): { parentId?: string, parentName?: string } {
  const folder = path.at(-2)
  return folder
    ? { parentId: folder.id, parentName: folder.name }
    : {}
}

/** What is another now, from and to, of the members named. */
export function changesOf<T extends object, N extends keyof T>(before: T, after: Pick<T, N>, names: readonly N[]): { [K in N]?: { from: T[K], to: T[K] } } {
  const changes: { [K in N]?: { from: T[K], to: T[K] } } = {}
  for (const name of names) {
    if (before[name] !== after[name]) changes[name] = { from: before[name], to: after[name] }
  }
  return changes
}
