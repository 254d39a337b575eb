import { expect, it } from 'vitest'
import { addressKey, deliverableAddress } from './mail-address.ts'

it.each([
  ['ana@example.com', 'ana@example.com'],
  ['  ana+files@example.com ', 'ana+files@example.com'],
  ['Ana@Example.COM', 'Ana@example.com'],
  ['ana@bücher.example', 'ana@xn--bcher-kva.example'],
  ['jürgen@example.com', 'jürgen@example.com'],
  [`${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(57)}.x`, `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(57)}.x`],
])('takes %s', (address, told) => {
  expect(deliverableAddress(address)).toBe(told)
})

it.each([
  'no address',
  '@example.com',
  'ana@',
  'ana@@example.com',
  'ana,eve@example.com',
  'ana@example.com>\r\nRCPT TO:<eve@example.com',
  'ana@example.com\r\nBcc: eve@example.com',
  '"ana x"@example.com',
  '<ana@example.com>',
  'ana@exam ple.com',
  'ana@example.com/evil',
  '\uD800@example.com',
  `${'a'.repeat(65)}@example.com`,
  `a@${'b.'.repeat(130)}com`,
])('sends nothing to %j', (address) => {
  expect(deliverableAddress(address)).toBeUndefined()
})

it('knows one address however it is written', () => {
  expect(new Set(['ANA@example.com', ' ana@EXAMPLE.com', 'ａna@example.com'].map(addressKey)).size).toBe(1)
})
