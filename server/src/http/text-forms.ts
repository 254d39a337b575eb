import { deliverableAddress } from '../mail/mail-address.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** As this API writes ids. Not `urn:uuid:` in front, which PostgreSQL refuses, nor capitals, which are no other id. */
export const isUuid = (text: string): boolean => uuid.test(text)

/**
 * Whether a text is a time that JavaScript and PostgreSQL both know: of the years 1 to 9999 in UTC, and no leap second (RFC 3339 §5.6 has
 * both 23:59:60 and the year 0).
 */
export function isStorableInstant(text: string): boolean {
  const year = new Date(text).getUTCFullYear()
  return year >= 1 && year <= 9999
}

/** The member of a string's schema that says which `Writing` it is. */
export const WRITTEN = 'x-written'
/** What people write: one line, the name of somebody or something or an address to keep (lines too; one that is looked for is any line), a text of several lines. */
export type Writing = 'line' | 'name' | 'address' | 'text'

/** C0, DEL, C1 and Unicode's own line ends. */
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/
/** The same without line ends and tabs. */
// eslint-disable-next-line no-control-regex
const controlsOfText = /[\u0000-\u0008\v\f\u000E-\u001F\u007F-\u009F]/
/** Embeddings, overrides and isolates: what stands behind one would not look like what it is (Unicode TR 36 §3.1). */
const directionControls = /[\u202A-\u202E\u2066-\u2069]/
/** Keyboards for Hebrew and Arabic leave them; nobody sees them, and a name is the same without. */
const directionMarks = /[\u061C\u200E\u200F]/g
/** Signs of scripts that are drawn as nothing: braille without a dot, the notehead without a head. */
const ignorable = /\p{Default_Ignorable_Code_Point}/u
const visible = /[^\s\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]/u

export const isVisible = (text: string): boolean => visible.test(text)

/** A name without the marks that some keyboards leave in it. */
export const withoutMarks = (name: string): string => name.replaceAll(directionMarks, '')

/** The same text as one line that nobody could be refused: for what has to be shown, wherever it came from. */
export const asLine = (text: string): string => withoutMarks(text.toWellFormed())
  .replaceAll(new RegExp(controls, 'g'), ' ')
  .replaceAll(new RegExp(directionControls, 'g'), '')
  .replaceAll(/\s+/g, ' ')
  .trim()

/** What nobody may write, as the end of a sentence that begins with what it is in; undefined when nothing is wrong. */
export function faultOf(text: string, as: Writing): string | undefined {
  if (!text.isWellFormed()) return 'cannot contain half of a character (a lone surrogate)'
  if (as === 'text' && controlsOfText.test(text)) return 'cannot contain control characters other than line breaks and tabs'
  if (as !== 'text' && controls.test(text)) return 'cannot contain line breaks or other control characters'
  if (directionControls.test(text)) return 'cannot contain characters that change the direction of the text around them'
  if (as === 'address' && ignorable.test(text)) return 'cannot contain characters that nobody sees'
  if (as === 'address' && text.trim().endsWith('.')) return 'cannot end with a dot'
  // Kept, it would be compared as the address of somebody who reads mail, and nobody would ever be asked there.
  if (as === 'address' && deliverableAddress(text) === undefined) return 'is no address that mail can be sent to'
  return undefined
}
