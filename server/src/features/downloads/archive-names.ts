import { nameKey, numberedName } from '../items/item-name.ts'

/** Also with an ending, and with spaces before it: Windows drops those. */
const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/i
/** Of UTF-8: what Linux's file systems hold. Windows and macOS hold as many UTF-16 units, which are never more. */
const MAX_BYTES = 255

const fits = (name: string) => Buffer.byteLength(name) <= MAX_BYTES

/** Without what some system forbids in a name, or takes for something else. */
function safeName(name: string): string {
  const safe = name
    .toWellFormed()
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001F\u007F-\u009F<>:"|?*\\/]/g, '_')
    .replace(/[. ]+$/, ending => '_'.repeat(ending.length))
  return reserved.test(safe) || safe === ''
    ? `_${safe}`
    : safe
}

/**
 * A name that every system can save: whatever stood in the database, it is one part of a path, and not a way out of the folder
 * that the archive is unpacked into. Too long a one is cut before its ending.
 */
export const portableName = (name: string, kind: 'file' | 'folder'): string => numberedName(safeName(name), 1, kind, fits)

/** So many small numbers are tried for each name; then a number that the folder has not given yet, or many alike would be tried squared. */
const SMALL_NUMBERS = 9

/** Gives the names of one folder's children: portable, and no two alike, also where case does not count. */
export function createFolderNames(): (name: string, kind: 'file' | 'folder') => string {
  const taken = new Set<string>()
  let last = SMALL_NUMBERS
  return (name, kind) => {
    const safe = safeName(name)
    let free = numberedName(safe, 1, kind, fits)
    for (let n = 2; taken.has(nameKey(free)); n++) {
      free = numberedName(safe, n <= SMALL_NUMBERS
        ? n
        : ++last, kind, fits)
    }
    taken.add(nameKey(free))
    return free
  }
}
