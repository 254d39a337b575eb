import { expect, it } from 'vitest'
import { addressKey, deliverableAddress } from './mail-address.ts'

it.each([
  ['ana@example.com', 'ana@example.com'],
  ['  ana+files@example.com ', 'ana+files@example.com'],
  ['Ana@Example.COM', 'Ana@example.com'],
  ['ana@bücher.example', 'ana@xn--bcher-kva.example'],
  ['jürgen@example.com', 'jürgen@example.com'],
  ['ju\u0308rgen@example.com', 'jürgen@example.com'],
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
  'ana@example.com.',
  // Compared, each is the address of somebody else.
  'ⓐna@example.com',
  'ａna@example.com',
  'ﬁona@example.com',
  'a\u200Bna@example.com',
  '\uD800@example.com',
  `${'a'.repeat(65)}@example.com`,
  `a@${'b.'.repeat(130)}com`,
])('sends nothing to %j', (address) => {
  expect(deliverableAddress(address)).toBeUndefined()
})

it.each([
  'ana@example.com/evil',
  'ana@example.com?x',
  'no address',
])('knows %s for nobody’s else', (text) => {
  expect(addressKey(text)).toBe(text)
})

it('knows one address however it is written', () => {
  expect(new Set([
    'ANA@example.com',
    ' ana@EXAMPLE.com',
    'ａna@example.com',
    'ana@exam\u00ADple.com',
    'a\u2060na@example\u2060.com',
    'ana@example\u3002com',
  ].map(addressKey))).toEqual(new Set(['ana@example.com']))
  expect(new Set(['ana@bücher.example', 'ana@BU\u0308CHER.example', 'ana@xn--bcher-kva.example'].map(addressKey))).toEqual(new Set(['ana@bücher.example']))
})
