import { defineError } from '../../errors/app-error.ts'

export const ticketNotFound = defineError('not_found', 404, 'Not found')
export const archiveTooLarge = defineError('archive.too_large', 409, 'This is too much for one archive')
/** The store's own fault: unlike a file known to be bad it is logged as an error. */
export const objectDamaged = defineError('file.corrupt', 500, 'The stored file is not what was uploaded')
