import { expect, it } from 'vitest'
import { linkIcon, linkName } from './link-name.ts'

it('is the server’s name for it, or a dash where nothing is left of it', () => {
  expect(linkName({ name: 'Letter.pdf +2' })).toBe('Letter.pdf +2')
  expect(linkName({ name: '' })).toBe('–')
})

it('shows no link as open that is not', () => {
  for (const state of [
    'expired',
    'revoked',
    'suspended',
    'used_up',
  ] as const) {
    for (const hasPassword of [true, false]) expect(linkIcon({ state, hasPassword })).toBe('i-lucide-link-2-off')
  }
  expect(linkIcon({ state: 'active', hasPassword: true })).toBe('i-lucide-lock')
  expect(linkIcon({ state: 'active', hasPassword: false })).toBe('i-lucide-link')
})
