import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { isAccessToken, looksLikeAccessToken, maskAccessTokens, newAccessToken } from './access-token.ts'

it('is found by its prefix, and told by its checksum from what only looks alike', () => {
  const tokens = Array.from({ length: 100 }, newAccessToken)
  expect(new Set(tokens).size).toBe(100)
  for (const token of tokens) {
    expect(token).toMatch(/^cs_pat_[0-9A-Za-z]{49}$/)
    expect(isAccessToken(token)).toBe(true)
    // CRC-32 of the random part, in base 62: what a scanner computes as well.
    const value = [
      ...token.slice(-6),
    ].reduce((sum, digit) => sum * 62 + '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.indexOf(digit), 0)
    expect(value).toBe(crc32(token.slice(7, -6)))
  }
  const [token] = tokens as [string]
  const changed = token.slice(0, 10) + (token[10] === 'a'
    ? 'b'
    : 'a') + token.slice(11)
  for (const wrong of [
    changed,
    token.slice(0, -1),
    `${token}0`,
    token.replace('cs_pat_', 'cs_pat-'),
    'cs_pat_',
    '',
  ]) expect(isAccessToken(wrong), wrong).toBe(false)
  expect(looksLikeAccessToken('cs_pat_cut')).toBe(true)
})

it('is masked wherever it stands', () => {
  const [one, two] = [
    newAccessToken(),
    newAccessToken(),
  ]
  expect(maskAccessTokens(`refused ${one}, then "${two}"!`)).toBe('refused cs_pat_***, then "cs_pat_***"!')
})
