import type { Transfer } from './transfer.ts'

export interface ToShare {
  workspaceId: string
  /** Files that went up. */
  files: number
  /** What one link leads to for all of them. */
  items: { id: string, kind: 'folder' | 'file', name: string }[]
}

/** As many as a link leads to. */
const most = 1000

/**
 * What to share of all that went up: for each file the highest of its folders that these uploads made, else the file itself. A folder that was
 * there before holds other things, which nobody asked to share.
 * @returns undefined where one link cannot lead to all of it, or the person may not share it
 */
export function whatToShare(transfers: readonly Transfer[]): ToShare | undefined {
  const [first, ...rest] = transfers.filter(({ state }) => state === 'done')
  if (!first || rest.some(({ workspaceId }) => workspaceId !== first.workspaceId)) return undefined
  const batches = new Set(transfers.map(({ batchId }) => batchId))
  const items = new Map<string, ToShare['items'][number]>()
  for (const { item, way = [] } of [first, ...rest]) {
    if (!item?.permissions?.includes('share')) return undefined
    const folder = way.find(({ madeFor }) => madeFor !== undefined && batches.has(madeFor))
    const { id, name } = folder ?? item
    items.set(id, {
      id,
      kind: folder ? 'folder' : 'file',
      name,
    })
  }
  return items.size > most
    ? undefined
    : {
        workspaceId: first.workspaceId,
        files: rest.length + 1,
        items: [
          ...items.values(),
        ],
      }
}
