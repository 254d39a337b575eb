import { domainToASCII } from 'node:url'

/** Of the local part, and of all of it (RFC 5321 §4.5.3.1). */
const MAX_LOCAL = 64
const MAX_ADDRESS = 254
/** What ends an address in an envelope or a header, or begins another. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0020\u007F-\u009F<>,;:()[\]\\"]/
/** Behind one of these `domainToASCII` leaves off the rest. */
const CUTS_DOMAIN = /[/?#%]/

/** How an address is compared: the same as an account's. */
export const addressKey = (address: string) => address.trim().normalize('NFKC').toLowerCase()

/** As a mail server is told it, a domain in letters of its own as RFC 5890 writes it; undefined for what no mail can be sent to. */
export function deliverableAddress(address: string): string | undefined {
  const text = address.trim()
  if (FORBIDDEN.test(text) || !text.isWellFormed()) return undefined
  const at = text.lastIndexOf('@')
  if (CUTS_DOMAIN.test(text.slice(at))) return undefined
  const [local, domain] = [
    text.slice(0, at),
    domainToASCII(text.slice(at + 1)),
  ]
  const told = `${local}@${domain}`
  return at > 0 && domain !== '' && local.length <= MAX_LOCAL && told.length <= MAX_ADDRESS && !local.includes('@')
    ? told
    : undefined
}
