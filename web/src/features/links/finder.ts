import type { Finder } from '../../feature-finders.ts'
import { listLinks } from '../../api/generated/sdk/links.gen.ts'
import { ProblemError } from '../../api/problem.ts'
import { linkIcon, linkName } from './link-name.ts'

/** The newest links that work. */
export default {
  label: 'links.palette',
  rank: 2,
  async find({ id: workspaceId, slug }, q, { limit, signal }) {
    const { items: links, nextCursor } = await listLinks({
      path: { workspaceId },
      query: { q, state: 'active', limit },
      signal,
    }).then(({ data }) => data, (error: unknown) => {
      if (error instanceof ProblemError && error.status === 403) return { items: [], nextCursor: null }
      throw error
    })
    return {
      found: links.map(link => ({
        id: link.id,
        label: linkName(link),
        suffix: link.items.map(({ name }) => name).slice(0, 3).join(', '),
        icon: linkIcon(link),
        to: {
          name: 'links-link',
          params: { slug, linkId: link.id },
        },
      })),
      hasMore: nextCursor !== null,
    }
  },
} satisfies Finder
