import type { Link } from '../../api/generated/types.gen.ts'

/** What a link is called, as the log calls it; nothing is left of some. */
export const linkName = ({ name }: Pick<Link, 'name'>): string => name || '–'

/** Open, with a lock or without; or closed to everybody, for whatever reason. */
export const linkIcon = ({ state, hasPassword }: Pick<Link, 'state' | 'hasPassword'>): string => state === 'active'
  ? hasPassword ? 'i-lucide-lock' : 'i-lucide-link'
  : 'i-lucide-link-2-off'
