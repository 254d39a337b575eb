/** Keys of what more than one feature knows of items and links; live events invalidate by their beginnings. */
export const itemKeys = {
  all: (workspaceId: string) => ['items', workspaceId] as const,
  lists: (workspaceId: string) => ['items', workspaceId, 'list'] as const,
  folder: (workspaceId: string, parentId: string) => ['items', workspaceId, 'list', parentId] as const,
  list: (workspaceId: string, parentId: string, sort: string) => [
    'items',
    workspaceId,
    'list',
    parentId,
    sort,
  ] as const,
  search: (workspaceId: string, q: string, sort: string) => [
    'items',
    workspaceId,
    'search',
    q,
    sort,
  ] as const,
  /** All of a list, below its own key: what changes one changes the other. Each time that it is asked for is another. */
  selection: (list: readonly string[], nth: number) => [
    ...list,
    'selection',
    nth,
  ] as const,
  details: (workspaceId: string) => ['items', workspaceId, 'detail'] as const,
  detail: (workspaceId: string, itemId: string) => ['items', workspaceId, 'detail', itemId] as const,
  versions: (workspaceId: string, itemId: string) => [
    'items',
    workspaceId,
    'detail',
    itemId,
    'versions',
  ] as const,
  trash: (workspaceId: string) => ['items', workspaceId, 'trash'] as const,
  purges: (workspaceId: string) => ['items', workspaceId, 'purges'] as const,
  spaces: (workspaceId: string) => ['spaces', workspaceId] as const,
}

export const linkKeys = {
  all: (workspaceId: string) => ['links', workspaceId] as const,
  list: (workspaceId: string, filter: Record<string, string>) => ['links', workspaceId, 'list', filter] as const,
  detail: (workspaceId: string, linkId: string) => ['links', workspaceId, 'detail', linkId] as const,
  /** How often a file was downloaded: mostly by links. */
  fileDownloads: (workspaceId: string, fileId: string) => [
    'links',
    workspaceId,
    'downloads',
    fileId,
  ] as const,
}
