import ipaddr from 'ipaddr.js'

const OWN_RANGES = [
  'private',
  'uniqueLocal',
  'linkLocal',
  'carrierGradeNat',
]

/**
 * Whose machine an address is, as far as the address itself says: a name without a dot, and those that are kept for private networks, is no name of the
 * internet. What is no URL is a folder of this machine.
 */
export function placeOf(address: string): { host: string | null, place: 'here' | 'private' | 'outside' } {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(address) || !URL.canParse(address)) return { host: null, place: 'here' }
  const host = new URL(address).hostname.replaceAll(/^\[|\]$/g, '').toLowerCase()
  if (host === '' || host === 'localhost' || host.endsWith('.localhost')) return { host: host || 'localhost', place: 'here' }
  if (ipaddr.isValid(host)) {
    const range = ipaddr.process(host).range()
    if (range === 'loopback') return { host, place: 'here' }
    return {
      host,
      place: OWN_RANGES.includes(range)
        ? 'private'
        : 'outside',
    }
  }
  return {
    host,
    place: !host.includes('.') || /\.(?:internal|local|lan|home\.arpa)$/.test(host)
      ? 'private'
      : 'outside',
  }
}
