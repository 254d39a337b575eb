import type { Finding } from './finding.ts'
import ipaddr from 'ipaddr.js'
import { find } from './finding.ts'

/** How a request came, as this server sees it. */
export interface Visit {
  /** Of the client, as the log has it. */
  address: string
  /** Whoever connected to the server. */
  neighbour: string
  /** Whether a proxy that is believed told of somebody behind it. */
  isBelieved: boolean
  /** Whether what it told last is an address. */
  isReadable: boolean
  /** Whether anybody told of somebody behind them. */
  isForwarded: boolean
}

/** Whether people who come as this one did are known by their own addresses. */
export function examineVisit({ address, neighbour, isBelieved, isReadable, isForwarded }: Visit, publicUrl: string): Finding {
  if (isForwarded && !isBelieved) return find('visit.unbelieved', { neighbour })
  if (!isReadable) return find('visit.unreadable', { address })
  return isInner(address) && !isInner(new URL(publicUrl).hostname)
    ? find('visit.private', { address })
    : find('visit.well', { address })
}

const innerRanges: readonly string[] = [
  'loopback',
  'private',
  'uniqueLocal',
  'linkLocal',
  'carrierGradeNat',
]

/** Of this machine or of a private network, by its address. */
function isInner(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  if (bare === 'localhost') return true
  return ipaddr.isValid(bare) && innerRanges.includes(ipaddr.process(bare).range())
}
