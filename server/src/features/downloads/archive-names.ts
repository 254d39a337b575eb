import { nameKey, numberedName } from '../items/item-name.ts'

const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i

/**
 * A name that every system can save: whatever stood in the database, it is one part of a path, and not a way out of the folder
 * that the archive is unpacked into.
 */
export function portableName(name: string): string {
  const safe = name
    .toWellFormed()
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001F\u007F-\u009F<>:"|?*\\/]/g, '_')
    .replace(/[. ]+$/, ending => '_'.repeat(ending.length))
  if (safe === '') return '_'
  return reserved.test(safe)
    ? `_${safe}`
    : safe
}

/** So many small numbers are tried for each name; then a number that the folder has not given yet, or many alike would be tried squared. */
const SMALL_NUMBERS = 9

/** Gives the names of one folder's children: portable, and no two alike, also where case does not count. */
export function createFolderNames(): (name: string, kind: 'file' | 'folder') => string {
  const taken = new Set<string>()
  let last = SMALL_NUMBERS
  return (name, kind) => {
    const first = portableName(name)
    let free = first
    for (let n = 2; taken.has(nameKey(free)); n++) {
      free = numberedName(first, n <= SMALL_NUMBERS
        ? n
        : ++last, kind)
    }
    taken.add(nameKey(free))
    return free
  }
}
