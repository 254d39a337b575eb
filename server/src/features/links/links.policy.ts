export const linkStates = [
  'active',
  'expired',
  'used_up',
  'revoked',
  'suspended',
] as const
export type LinkState = typeof linkStates[number]

export const linkSortFields = [
  'createdAt',
  'lastOpenedAt',
  'expiresAt',
  'openCount',
  'downloadCount',
] as const
export type LinkSortField = typeof linkSortFields[number]
/** With `-`: the greatest first. */
export type LinkSort = LinkSortField | `-${LinkSortField}`
export const linkSorts = linkSortFields.flatMap((field): LinkSort[] => [field, `-${field}`])

export interface LinkLimits {
  revokedAt: Date | null
  expiresAt: Date | null
  maxDownloads: number | null
  downloadCount: number
}

/**
 * What a link is at a moment. The first reason counts, the final ones before those that may pass.
 * A link ends at its expiry, not after it.
 * @param link what was set and counted
 * @param now the moment
 * @param creatorMayShare whether its creator may still share what it leads to
 * @param itemsAlive whether any of its items is there and not in the trash
 */
export function linkState(link: LinkLimits, now: Date, creatorMayShare: boolean, itemsAlive: boolean): LinkState {
  if (link.revokedAt !== null) return 'revoked'
  if (link.expiresAt !== null && now.getTime() >= link.expiresAt.getTime()) return 'expired'
  if (link.maxDownloads !== null && link.downloadCount >= link.maxDownloads) return 'used_up'
  return creatorMayShare && itemsAlive
    ? 'active'
    : 'suspended'
}
