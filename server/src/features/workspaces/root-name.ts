import type { ParsedName } from '../items/item-name.ts'
import { numberedName, parseItemName, toParsedName } from '../items/item-name.ts'

/** The name of a space's root folder: the space's own, without what a folder's name cannot have. */
export function rootFolderName(spaceName: string): ParsedName {
  const name = spaceName.normalize('NFC').replaceAll(/[<>:"|?*\\/]+/g, '-').replaceAll(/^\s+|[\s.]+$/g, '')
  try {
    return parseItemName(numberedName(name, 1, 'folder'))
  }
  catch {
    return toParsedName('Files')
  }
}
