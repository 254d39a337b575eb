import type { Finder } from '../../feature-finders.ts'
import { listItems } from '../../api/generated/sdk/files.gen.ts'
import { fileType } from '../../utils/file-type.ts'

export default {
  label: 'items.palette',
  rank: 1,
  async find({ id: workspaceId, slug }, q, { limit, signal }) {
    const { data: { items, nextCursor } } = await listItems({
      path: { workspaceId },
      query: {
        q: q.slice(0, 200),
        limit,
      },
      signal,
    })
    return {
      found: items.map((item) => {
        const parent = item.path?.at(-1)
        return {
          id: item.id,
          label: item.name,
          suffix: item.path?.map(({ name }) => name).join(' / '),
          icon: fileType(item).icon,
          to: item.kind === 'folder'
            ? {
                name: 'files',
                params: { slug, folderId: item.id },
              }
            : {
                name: 'files',
                params: { slug, folderId: parent?.id ?? '' },
                query: { panel: item.id },
              },
        }
      }),
      hasMore: nextCursor !== null,
    }
  },
  all: ({ slug }, q) => ({
    name: 'files',
    params: { slug },
    query: { q },
  }),
} satisfies Finder
