import { nameKey, parseItemName } from '../items/item-name.ts'

/** The name of a space's root folder: the space's own, without what a folder's name cannot have. */
export function rootFolderName(spaceName: string): { name: string, key: string } {
  let name = spaceName.normalize('NFC').replaceAll(/[<>:"|?*\\/]+/g, '-').replaceAll(/^\s+|[\s.]+$/g, '')
  while (Buffer.byteLength(name) > 255) name = [...name].slice(0, -1).join('')
  try {
    return parseItemName(name)
  }
  catch {
    return {
      name: 'Files',
      key: nameKey('Files'),
    }
  }
}
