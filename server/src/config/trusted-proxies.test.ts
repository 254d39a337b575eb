import { expect, it } from 'vitest'
import { trustedProxies, unknownProxies } from './trusted-proxies.ts'

it.each([
  ['10.0.0.2', '10.0.0.2', 3, true],
  ['10.0.0.2', '10.0.0.3', 0, false],
  ['10.0.0.2', '::ffff:10.0.0.2', 0, true],
  [
    '192.0.2.0/24 2001:db8::/32',
    '192.0.2.77',
    1,
    true,
  ],
  [
    '192.0.2.0/24,2001:db8::/32',
    '2001:db8::1',
    1,
    true,
  ],
  [
    '192.0.2.0/24, 2001:db8::/32',
    '2001:db9::1',
    0,
    false,
  ],
  ['loopback', '127.0.0.1', 0, true],
  ['loopback', '::1', 0, true],
  ['linklocal', '169.254.1.1', 0, true],
  ['linklocal', 'fe80::1', 0, true],
  ['uniquelocal', '172.18.0.5', 0, true],
  ['uniquelocal', 'fd00::5', 0, true],
  ['uniquelocal', '8.8.8.8', 0, false],
  [
    'uniquelocal',
    'not an address',
    0,
    false,
  ],
  // Somebody in the same office, behind the proxies.
  ['uniquelocal', '192.168.1.5', 1, false],
  [
    'private_ranges',
    '192.168.1.5',
    1,
    true,
  ],
  ['private_ranges', '8.8.8.8', 1, false],
])('tRUSTED_PROXIES=%s believes %s at hop %i: %s', (setting, address, hop, trusted) => {
  const trust = trustedProxies(setting)
  expect(trust && trust(address, hop)).toBe(trusted)
})

it('believes nobody when it is empty, and knows what it cannot read', () => {
  expect(trustedProxies(' , ')).toBe(false)
  expect(unknownProxies([
    'loopback',
    'private_ranges',
    '10.0.0.0/8',
    '::1',
    'nonsense',
    '10.0.0.0/99',
  ])).toEqual(['nonsense', '10.0.0.0/99'])
})
