import { nameInvalid } from './items.errors.ts'

const MAX_BYTES = 255
/** C0, DEL, C1, and what changes the direction of text: the name would not look like what it is (Unicode TR 36). */
// eslint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/
/** Names that Windows keeps for devices, with any extension. */
const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i
/** Not allowed on Windows: a download or a ZIP of such a name could not be saved there. */
const unportable = /[<>:"|?*\\/]/

export interface ParsedName {
  /** As shown: NFC, as the person wrote it otherwise. */
  name: string
  /** As compared: two names with one key are the same name (NFKC, case folded). */
  key: string
}

/**
 * Checks a file's or folder's name.
 * @throws {AppError} `item.name_invalid` that says what is wrong with it
 */
export function parseItemName(input: string, pointer = '/name'): ParsedName {
  const name = input.normalize('NFC')
  const wrong = (detail: string) => nameInvalid({
    detail,
    fields: [
      { pointer, detail },
    ],
  })
  if (name.trim() === '') throw wrong('A name needs at least one visible character')
  if (name === '.' || name === '..') throw wrong('“.” and “..” are not names')
  if (/[/\\]/.test(name)) throw wrong('A name cannot contain “/” or “\\”')
  if (unsafe.test(name)) throw wrong('A name cannot contain control characters or characters that change the direction of text')
  if (unportable.test(name)) throw wrong('A name cannot contain < > : " | ? *, which not every system can save')
  if (!name.isWellFormed()) throw wrong('The name is not valid Unicode')
  if (Buffer.byteLength(name) > MAX_BYTES) throw wrong(`A name can have at most ${MAX_BYTES} bytes`)
  if (/^\s|[\s.]$/.test(name)) throw wrong('A name cannot begin with a space or end with a space or a dot')
  if (reserved.test(name)) throw wrong('This name is reserved on some systems')
  return {
    name,
    key: nameKey(name),
  }
}

/** Upper-casing first folds letters such as ß and ſ, whose lower case differs although they are the same letter to a reader. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}

/** The n-th free-name candidate: `Report (2).pdf`. Cut so that it stays within the limit. */
export function numberedName(name: string, n: number, kind: 'file' | 'folder'): string {
  const dot = kind === 'file'
    ? name.lastIndexOf('.')
    : -1
  const stem = dot > 0
    ? name.slice(0, dot)
    : name
  const extension = dot > 0
    ? name.slice(dot)
    : ''
  const suffix = ` (${n})${extension}`
  let cut = stem
  while (Buffer.byteLength(cut + suffix) > MAX_BYTES) cut = [...cut].slice(0, -1).join('')
  return `${cut}${suffix}`
}
