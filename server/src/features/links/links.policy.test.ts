import { describe, expect, it } from 'vitest'
import { linkState } from './links.policy.ts'

const now = new Date('2026-05-05T12:00:00.000Z')
const at = (ms: number) => new Date(now.getTime() + ms)
const link = {
  revokedAt: null,
  expiresAt: null,
  maxDownloads: null,
  downloadCount: 0,
}

describe('linkState', () => {
  it.each([
    ['no limits', {}, true, true, 'active'],
    [
      'a millisecond before its expiry',
      {
        expiresAt: at(1),
      },
      true,
      true,
      'active',
    ],
    [
      'at its expiry',
      {
        expiresAt: at(0),
      },
      true,
      true,
      'expired',
    ],
    [
      'after its expiry',
      {
        expiresAt: at(-1),
      },
      true,
      true,
      'expired',
    ],
    [
      'one download left',
      { maxDownloads: 2, downloadCount: 1 },
      true,
      true,
      'active',
    ],
    [
      'no download left',
      { maxDownloads: 2, downloadCount: 2 },
      true,
      true,
      'used_up',
    ],
    [
      'counts without a limit',
      { downloadCount: 1_000_000 },
      true,
      true,
      'active',
    ],
    [
      'revoked',
      {
        revokedAt: at(-1),
      },
      true,
      true,
      'revoked',
    ],
    [
      'revoked and expired',
      {
        revokedAt: at(-1),
        expiresAt: at(-2),
      },
      true,
      true,
      'revoked',
    ],
    [
      'expired and used up',
      {
        expiresAt: at(-1),
        maxDownloads: 1,
        downloadCount: 1,
      },
      true,
      true,
      'expired',
    ],
    [
      'a creator who may no longer share',
      {},
      false,
      true,
      'suspended',
    ],
    [
      'nothing left',
      {},
      true,
      false,
      'suspended',
    ],
    [
      'expired and suspended',
      {
        expiresAt: at(-1),
      },
      false,
      false,
      'expired',
    ],
  ] as const)('%s', (_what, change, creatorMayShare, itemsAlive, expected) => {
    expect(linkState({
      ...link,
      ...change,
    }, now, creatorMayShare, itemsAlive)).toBe(expected)
  })
})
