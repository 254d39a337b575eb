import { defineError } from '../../errors/app-error.ts'

export const wrongCredentials = defineError('auth.wrong_credentials', 401, 'E-mail address and password do not go together')
export const registrationClosed = defineError('auth.registration_closed', 403, 'Nobody makes an account here by themselves')
export const registrationNotFound = defineError('auth.registration_not_found', 404, 'This link does not exist or counts no longer')
export const passwordWeak = defineError('auth.password_weak', 400, 'Choose another password')
/** Of somebody who is signed in: 401 would say that the session has ended. */
export const wrongPassword = defineError('auth.wrong_password', 400, 'This is not your password')
