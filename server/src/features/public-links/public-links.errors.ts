import { defineError } from '../../errors/app-error.ts'

/** Unknown, expired, revoked, used up, suspended: the same words for all. */
export const linkNotFound = defineError('link.not_found', 404, 'This link does not lead anywhere')
export const linkLocked = defineError('link.locked', 401, 'This link is locked')
export const wrongPassword = defineError('link.wrong_password', 401, 'The password is wrong')
