import { defineError } from '../../errors/app-error.ts'
import { notFound } from '../../errors/common-errors.ts'
import { fileCorrupt } from '../items/items.errors.ts'

export const archiveTooLarge = defineError('archive.too_large', 409, 'This is too much for one archive')
/** The store's own fault: unlike a file known to be bad it is logged as an error. */
export const objectDamaged = fileCorrupt.as(500)
/** Unknown, expired, used up, another's, no longer allowed: alike. */
export const noSuchTicket = () => notFound('This download has ended. Start it again from where you found it.')
