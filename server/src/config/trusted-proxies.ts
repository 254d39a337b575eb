import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Whose X-Forwarded-* is believed: Fastify's `trustProxy`; hop 0 is whoever connects to this server. */
export type TrustProxy = (address: string, hop: number) => boolean

/** For the neighbour alone: further away on the same kinds of addresses are also people, who could claim to be anybody. */
const neighbours: Record<string, readonly string[]> = {
  loopback: ['loopback'],
  linklocal: ['linkLocal'],
  uniquelocal: ['private', 'uniqueLocal'],
}
/** Caddy's word for the same networks; anywhere on the way. */
const PRIVATE_RANGES = 'private_ranges'
const privateKinds = Object.values(neighbours).flat()

/** A list is separated by commas, or by spaces as in a Caddyfile. */
export const splitList = (text: string) => text.split(/[\s,]+/).filter(Boolean)

export const unknownProxies = (entries: readonly string[]) => entries.filter(entry => !(entry in neighbours) && entry !== PRIVATE_RANGES && !ipaddr.isValid(entry) && !ipaddr.isValidCIDR(entry))

/** @param text the setting, checked by `unknownProxies` */
export function trustedProxies(text: string): TrustProxy | false {
  const entries = splitList(text)
  if (entries.length === 0) return false
  const rules = entries.map(ruleOf)
  return (told, hop) => {
    const address = addressIn(told)
    if (address === undefined) return false
    const parsed = ipaddr.process(address)
    return rules.some(rule => rule(parsed, hop))
  }
}

/**
 * The address in a member of `X-Forwarded-For`: some balancers add the port, and brackets around IPv6 (RFC 7239 §6).
 * @returns undefined for what is none: `unknown`, a name, a made-up word
 */
export function addressIn(told: string): string | undefined {
  const [, bracketed, bare] = /^(?:\[([^\]]*)\](?::\d+)?|([^:]*):\d+)$/.exec(told) ?? []
  const address = bracketed ?? bare ?? told
  return isIP(address) === 0
    ? undefined
    : address
}

type Address = ipaddr.IPv4 | ipaddr.IPv6

function ruleOf(entry: string): (address: Address, hop: number) => boolean {
  const kinds = neighbours[entry]
  if (kinds) return (address, hop) => hop === 0 && kinds.includes(address.range())
  if (entry === PRIVATE_RANGES) return address => privateKinds.includes(address.range())
  const [network, bits] = ipaddr.isValidCIDR(entry)
    ? ipaddr.parseCIDR(entry)
    : wholeAddress(ipaddr.process(entry))
  return address => address.kind() === network.kind() && address.match(network as ipaddr.IPv6, bits)
}

const wholeAddress = (address: Address): [Address, number] => [
  address,
  address.kind() === 'ipv4'
    ? 32
    : 128,
]
