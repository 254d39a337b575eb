import { domainToASCII, domainToUnicode } from 'node:url'

/** Of the local part, and of all of it (RFC 5321 §4.5.3.1). */
const MAX_LOCAL = 64
const MAX_ADDRESS = 254
/** What ends an address in an envelope or a header, or begins another. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0020\u007F-\u009F<>,;:()[\]\\"]/
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu
/** Behind one of these `domainToASCII` leaves off the rest. */
const CUTS_DOMAIN = /[/?#%]/

/**
 * What makes an address unique: NFKC, lower case, without spaces around it and signs that nobody sees, and of all the ways to write a domain one: what `domainToASCII` leaves out or takes
 * for another sign would else make many addresses of one mailbox.
 */
export function addressKey(address: string): string {
  const text = address.replaceAll(UNSEEN, '').trim().normalize('NFKC').toLowerCase()
  const domainAt = text.lastIndexOf('@') + 1
  const domain = CUTS_DOMAIN.test(text)
    ? ''
    : domainToUnicode(domainToASCII(text.slice(domainAt)))
  return domainAt === 0 || domain === ''
    ? text
    : text.slice(0, domainAt) + domain
}

/**
 * As a mail server is told it, a domain in letters of its own as RFC 5890 writes it; undefined for what no mail can be sent to. That is also a mailbox that is compared as another
 * one: what a mail server says of it would be held against that one.
 */
export function deliverableAddress(address: string): string | undefined {
  const text = address.trim().normalize('NFC')
  if (FORBIDDEN.test(text) || !text.isWellFormed()) return undefined
  const at = text.lastIndexOf('@')
  if (CUTS_DOMAIN.test(text.slice(at))) return undefined
  const [local, domain] = [
    text.slice(0, at),
    domainToASCII(text.slice(at + 1)),
  ]
  const told = `${local}@${domain}`
  return at > 0 && domain !== '' && !domain.endsWith('.') && local === local.normalize('NFKC').replaceAll(UNSEEN, '') && local.length <= MAX_LOCAL && told.length <= MAX_ADDRESS && !local.includes('@')
    ? told
    : undefined
}
