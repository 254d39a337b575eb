import { defineError } from '../../errors/app-error.ts'
import { fileCorrupt } from '../items/items.errors.ts'

export const archiveTooLarge = defineError('archive.too_large', 409, 'This is too much for one archive')
/** The store's own fault: unlike a file known to be bad it is logged as an error. */
export const objectDamaged = fileCorrupt.as(500)
