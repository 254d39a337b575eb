import type { Finder } from '../../feature-finders.ts'
import { listLinks } from '../../api/generated/sdk.gen.ts'
import { ProblemError } from '../../api/problem.ts'
import { matchesWords } from '../../utils/matches-words.ts'
import { linkName } from './link-name.ts'

/** The newest links that work; the server has no search of them. */
const lookedAt = 200

export default {
  label: 'links.palette',
  rank: 2,
  async find({ id: workspaceId, slug }, q, { limit, signal }) {
    const links = await listLinks({
      path: { workspaceId },
      query: { state: 'active', limit: lookedAt },
      signal,
    }).then(({ data }) => data.items, (error: unknown) => {
      if (error instanceof ProblemError && error.status === 403) return []
      throw error
    })
    const found = links.filter(({ title, items }) => matchesWords([
      title ?? '',
      ...items.map(({ name }) => name),
    ].join(' '), q))
    return {
      found: found.slice(0, limit).map(link => ({
        id: link.id,
        label: linkName(link),
        suffix: link.items.map(({ name }) => name).slice(0, 3).join(', '),
        icon: 'i-lucide-link',
        to: {
          name: 'links',
          params: { slug },
        },
      })),
      hasMore: found.length > limit,
    }
  },
} satisfies Finder
