import ipaddr from 'ipaddr.js'

/** In an hour, at one account: as strangers' guesses, and some of its person's own. */
export const ACCOUNT_REFUSALS = 10

const IPV4_BYTES = 3
const IPV6_BYTES = 6

/** Where somebody is: what one provider gives to one place, a /24 of IPv4 or a /48 of IPv6. Undefined for no address. */
export function placeOfAddress(ip: string | null): string | undefined {
  if (ip === null || !ipaddr.isValid(ip)) return undefined
  const address = ipaddr.process(ip)
  const kept = address.kind() === 'ipv6'
    ? IPV6_BYTES
    : IPV4_BYTES
  const bytes = address.toByteArray().map((byte, index) => index < kept
    ? byte
    : 0)
  return `${ipaddr.fromByteArray(bytes).toString()}/${kept * 8}`
}
