import { defineError } from '../../errors/app-error.ts'

export const nameTaken = defineError('item.name_taken', 409, 'Something here already has this name')
export const nameInvalid = defineError('item.name_invalid', 400, 'This name cannot be used')
export const intoItself = defineError('item.into_itself', 409, 'A folder cannot be moved into itself')
export const isRoot = defineError('item.is_root', 409, 'The top folder of a space stays where it is')
export const notInTrash = defineError('item.not_in_trash', 409, 'This is not in the trash')
export const tooDeep = defineError('item.too_deep', 409, 'Folders cannot be nested this deep')
export const fileTooLarge = defineError('file.too_large', 413, 'The file is too large')
export const fileCorrupt = defineError('file.corrupt', 409, 'The stored file is not what was uploaded')
