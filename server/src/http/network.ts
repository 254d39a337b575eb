import ipaddr from 'ipaddr.js'

/** The /48 of an IPv6 address, which a provider gives to one customer; undefined for others. */
export function siteOf(ip: string | null): string | undefined {
  if (ip === null || !ipaddr.isValid(ip)) return undefined
  const address = ipaddr.process(ip)
  return address.kind() === 'ipv6'
    ? address.toByteArray().slice(0, 6).join('.')
    : undefined
}

/** What counts as one place that requests come from: an address, but of IPv6 the /64 that whoever has one address of it has all of. */
export function networkOf(ip: string | null): string {
  if (ip === null || !ipaddr.isValid(ip)) return 'unknown'
  const address = ipaddr.process(ip)
  return address.kind() === 'ipv6'
    ? address.toByteArray().slice(0, 8).join('.')
    : address.toString()
}
