import { nameInvalid } from './items.errors.ts'

const MAX_BYTES = 255
/** Normalizing can make a key much longer than its name (U+FDFA: 3 bytes, then 33); an index row holds 2,704 bytes. */
const MAX_KEY_BYTES = 1024
/** More than this after the last dot is no extension. */
const MAX_EXTENSION_BYTES = 32
/** C0, DEL, C1, line separators, and what changes the direction of text: the name would not look like what it is (Unicode TR 36). */
// eslint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/
/**
 * Names that Windows keeps for devices. Only as the whole name: current Windows stores `aux.c` like any other file, and source trees
 * have such names. The same holds for `: ? * " < > |`: stored here, replaced where a download needs it.
 */
const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i

export interface ParsedName {
  /** As shown: NFC, as the person wrote it otherwise. */
  name: string
  /** As compared: two names with one key are the same name. */
  key: string
}

/**
 * Checks a file's or folder's name.
 * @throws {AppError} `item.name_invalid` that says what is wrong with it
 */
export function parseItemName(input: string, pointer = '/name'): ParsedName {
  const name = input.normalize('NFC')
  const key = nameKey(name)
  const wrong = (detail: string) => nameInvalid({
    detail,
    fields: [
      { pointer, detail },
    ],
  })
  if (!name.isWellFormed()) throw wrong('The name is not valid Unicode')
  if (name === '.' || name === '..') throw wrong('“.” and “..” are not names')
  if (/[/\\]/.test(name)) throw wrong('A name cannot contain “/” or “\\”')
  if (unsafe.test(name)) throw wrong('A name cannot contain control characters or characters that change the direction of text')
  if (key.trim() === '') throw wrong('A name needs at least one visible character')
  if (Buffer.byteLength(name) > MAX_BYTES || Buffer.byteLength(key) > MAX_KEY_BYTES) throw wrong(`A name can have at most ${MAX_BYTES} bytes`)
  if (/^\s|[\s.]$/.test(name)) throw wrong('A name cannot begin with a space or end with a space or a dot')
  if (reserved.test(name)) throw wrong('This name is reserved on some systems')
  return { name, key }
}

/**
 * What makes a name unique, after NFKC_Casefold (Unicode 15 §3.13): compatible forms, case and what nobody sees make no difference.
 * ı stays its own letter, as in Unicode's default folding.
 */
export function nameKey(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .split('ı')
    .map(foldCase)
    .join('ı')
    .normalize('NFKC')
}

/** Lower, upper, lower: ẞ needs the first step, ß the second. */
function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase()
}

/** The n-th free-name candidate: `Report (2).pdf`. Cut so that it stays within the limit. */
export function numberedName(name: string, n: number, kind: 'file' | 'folder'): string {
  const dot = kind === 'file'
    ? name.lastIndexOf('.')
    : -1
  const hasExtension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= MAX_EXTENSION_BYTES
  const stem = hasExtension
    ? name.slice(0, dot)
    : name
  const suffix = ` (${n})${hasExtension
    ? name.slice(dot)
    : ''}`
  const letters = [...stem]
  while (Buffer.byteLength(letters.join('') + suffix) > MAX_BYTES) letters.pop()
  return `${letters.join('')}${suffix}`
}
