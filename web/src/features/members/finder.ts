import type { Finder } from '../../feature-finders.ts'
import { listMembers } from '../../api/generated/sdk/members.gen.ts'
import { ProblemError } from '../../api/problem.ts'
import { matchesWords } from '../../utils/matches-words.ts'

export default {
  label: 'members.palette',
  rank: 3,
  async find({ id: workspaceId, slug }, q, { limit, signal }) {
    const members = await listMembers({
      path: { workspaceId },
      signal,
    }).then(({ data }) => data.items, (error: unknown) => {
      if (error instanceof ProblemError && error.status === 403) return []
      throw error
    })
    const found = members.filter(({ name, email }) => matchesWords(`${name} ${email}`, q))
    return {
      found: found.slice(0, limit).map(({ id, name, email }) => ({
        id,
        label: name,
        suffix: email,
        icon: 'i-lucide-user',
        to: {
          name: 'members',
          params: { slug },
          query: { person: id },
        },
      })),
      hasMore: found.length > limit,
    }
  },
} satisfies Finder
