import type { Link } from '../../api/generated/types.gen.ts'

/** What a link is called: its title, else what it leads to. */
export function linkName({ title, items }: Pick<Link, 'title' | 'items'>): string {
  if (title) return title
  const [first, ...rest] = items
  if (!first) return '–'
  return rest.length > 0
    ? `${first.name} +${rest.length}`
    : first.name
}
