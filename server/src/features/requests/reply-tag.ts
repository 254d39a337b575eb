import { Buffer } from 'node:buffer'
import { createHmac, timingSafeEqual } from 'node:crypto'

const MAC_BYTES = 12

const macOf = (key: Buffer, reference: string) => createHmac('sha256', key).update(reference).digest().subarray(0, MAC_BYTES)

/** Names a request in the address of an answer, and nobody makes one without the key. Small letters and digits: servers may change the case of an address. */
export const replyTagOf = (key: Buffer, { reference }: { reference: string }): string => `${reference.replaceAll('-', '').toLowerCase()}-${macOf(key, reference).toString('hex')}`

/** @returns the reference; null for one that looks like it and was not made with this key; undefined for another's */
export function readReplyTag(key: Buffer, tag: string): string | null | undefined {
  const [, first, second, mac] = /^r([0-9a-z]{4})([0-9a-z]{4})-([0-9a-f]{24})$/.exec(tag) ?? []
  if (mac === undefined) return undefined
  const reference = `R-${first}-${second}`.toUpperCase()
  return timingSafeEqual(Buffer.from(mac, 'hex'), macOf(key, reference))
    ? reference
    : null
}
