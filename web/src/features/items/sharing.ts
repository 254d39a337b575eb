import type { Item } from '../../api/generated/types.gen.ts'

/** What is known of the links through which something is visible: those that name it, and others that name a folder above it. */
export type Sharing = Pick<Item, 'linkCount' | 'inheritedLinkCount'>

/** By how many links people without an account see it. Who may not know of links is told of none. */
export const shownBy = ({ linkCount, inheritedLinkCount }: Sharing): number => (linkCount ?? 0) + (inheritedLinkCount ?? 0)
