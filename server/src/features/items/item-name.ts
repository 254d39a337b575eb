import { faultOf, isVisible, withoutMarks } from '../../http/text-forms.ts'
import { nameInvalid } from './items.errors.ts'

/** UTF-16 units: what NTFS and APFS hold. */
const MAX_UNITS = 255
/** Normalizing can make a key much longer than its name (U+FDFA: 3 bytes, then 33); an index row holds 2,704 bytes. */
const MAX_KEY_BYTES = 2048
/** More than this after the last dot is no extension. */
const MAX_EXTENSION_UNITS = 32
/**
 * Names that Windows keeps for devices. Only as the whole name: current Windows stores `aux.c` like any other file, and source trees
 * have such names. The same holds for `: ? * " < > |`: stored here, replaced where a download needs it.
 */
const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i

const characters = new Intl.Segmenter()

export interface ParsedName {
  /** As shown: NFC, as the person wrote it otherwise. */
  name: string
  /** As compared: two names with one key are the same name. */
  key: string
  /** As searches read it. */
  search: string
}

/** A name that was checked before, with what follows from it. */
export function toParsedName(name: string): ParsedName {
  return {
    name,
    key: nameKey(name),
    search: searchText(name),
  }
}

const fits = (name: string) => name.length <= MAX_UNITS && Buffer.byteLength(nameKey(name)) <= MAX_KEY_BYTES

/**
 * Checks a file's or folder's name: a name like any other (`text-forms.ts`) that is also one part of a path everywhere.
 * @throws {AppError} `item.name_invalid` that says what is wrong with it, and a name to take instead where there is one
 */
export function parseItemName(input: string, pointer = '/name'): ParsedName {
  const parsed = takeName(input)
  if (typeof parsed !== 'string') return parsed
  const detail = `A name ${parsed}`
  throw nameInvalid({
    detail,
    fields: [
      { pointer, detail },
    ],
    extra: {
      suggestedName: suggestName(input),
    },
  })
}

/** The name, or what is wrong with it. */
function takeName(input: string): ParsedName | string {
  const name = withoutMarks(input).normalize('NFC')
  const fault = faultOf(name, 'name')
  if (fault !== undefined) return fault
  if (name.includes('\uFEFF')) return 'cannot contain a byte order mark'
  if (name === '.' || name === '..') return 'cannot be “.” or “..”'
  if (/[/\\]/.test(name)) return 'cannot contain “/” or “\\”'
  if (!isVisible(name)) return 'needs at least one visible character'
  if (name.length > MAX_UNITS) return `can have at most ${MAX_UNITS} characters`
  if (!fits(name)) return 'cannot contain so many signs that stand for whole words'
  if (/^\s|[\s.]$/.test(name)) return 'cannot begin with a space or end with a space or a dot'
  if (reserved.test(name)) return 'cannot be one that Windows keeps for a device'
  return toParsedName(name)
}

/** The nearest name to one that cannot be had: `Final` for ` Final`, `Draft` for `Draft.`; null where nothing of it is left. */
function suggestName(input: string): string | null {
  const kept = withoutMarks(input)
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[/\\\uFFFD]/g, '_')
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll(/[\u202A-\u202E\u2066-\u2069\uFEFF]/g, '')
    .replace(/^\s+/, '')
  const cut = numberedName(kept, 1, 'file').replace(/[\s.]+$/, '')
  const name = reserved.test(cut)
    ? `${cut}_`
    : cut
  return typeof takeName(name) === 'string'
    ? null
    : name
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

/**
 * Letters with a stroke, joined ones and the like, which Unicode does not take apart; ı, which is its own letter in a key; ς, which a key has
 * where a word ends, but what is looked for ends anywhere.
 */
const plainLetters: Record<string, string> = {
  ς: 'σ',
  ı: 'i',
  ø: 'o',
  æ: 'ae',
  œ: 'oe',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ŧ: 't',
  ŋ: 'n',
}
/** Accents, points and vowel signs, without which people write; but not what makes か into が, nor the vowels of Indic scripts. */
const accents = /[[\p{Mn}&&[\p{Script=Inherited}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}]]--[\u3099\u309A]]/gv

/** What searches compare, of a name and of what is looked for: the key, without accents and in plain letters. */
export function searchText(text: string): string {
  return nameKey(text)
    .normalize('NFKD')
    .replaceAll(accents, '')
    .replaceAll(/[ςıøæœłđðþħŧŋ]/g, letter => plainLetters[letter]!)
    .normalize('NFKC')
}

/** The words of what somebody looks for, as `searchText` has them in names; none where nothing of it is visible. */
export function searchWords(text: string): string[] {
  return searchText(text).split(/\s+/).filter(word => word !== '')
}

/** Lower, upper, lower: ẞ needs the first step, ß the second. */
function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase()
}

/** Without what follows the last dot, and that with its dot; a folder has no ending, nor has a name that begins with its only dot. */
function splitEnding(name: string, kind: 'file' | 'folder'): [stem: string, ending: string] {
  const dot = kind === 'file'
    ? name.lastIndexOf('.')
    : -1
  return dot > 0 && name.length - dot <= MAX_EXTENSION_UNITS
    ? [
        name.slice(0, dot),
        name.slice(dot),
      ]
    : [name, '']
}

/** As much of the stem as fits with what follows it, in whole characters as people count them. */
function cutTo(stem: string, end: string, fits: (name: string) => boolean): string {
  if (fits(`${stem}${end}`)) return `${stem}${end}`
  const ends = Array.from(characters.segment(stem), ({ index }) => index)
  const cut = (count: number) => `${stem.slice(0, ends[count]).replace(/[\s.]+$/, '')}${end}`
  let [most, tooMany] = [0, ends.length]
  while (tooMany - most > 1) {
    const middle = (most + tooMany) >> 1
    if (fits(cut(middle))) most = middle
    else tooMany = middle
  }
  return cut(most)
}

/**
 * The n-th free-name candidate: `Report (2).pdf`; the first is the name itself. Its stem is cut where it would not fit.
 * @param fitting what fits, where that is less than a name may have here
 */
export function numberedName(name: string, n: number, kind: 'file' | 'folder', fitting = fits): string {
  const [stem, ending] = splitEnding(name, kind)
  return cutTo(stem, n === 1
    ? ending
    : ` (${n})${ending}`, fitting)
}
