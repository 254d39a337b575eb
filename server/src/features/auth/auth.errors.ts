import { defineError } from '../../errors/app-error.ts'

export const wrongCredentials = defineError('auth.wrong_credentials', 401, 'E-mail address and password do not go together')
export const passwordWeak = defineError('auth.password_weak', 400, 'Choose another password')
/** Of somebody who is signed in: 401 would say that the session has ended. */
export const wrongPassword = defineError('auth.wrong_password', 400, 'This is not your password')
