import { defineError } from '../../errors/app-error.ts'

export const resetNotFound = defineError('auth.reset_not_found', 404, 'This link does not exist or counts no longer')
export const emailLinkNotFound = defineError('auth.email_link_not_found', 404, 'This link does not exist or counts no longer')
export const emailTaken = defineError('user.email_taken', 409, 'Somebody has this address already')
export const lastOperator = defineError('user.last_operator', 409, 'This server needs an operator')
export const accountDisabled = defineError('user.disabled', 409, 'This account is disabled')
