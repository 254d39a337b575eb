import { defineError } from '../../errors/app-error.ts'

export const wrongCredentials = defineError('auth.wrong_credentials', 401, 'E-mail address and password do not go together')
/** Of a sign-in that waits for its second factor: unknown, expired, used and given up alike. */
export const signInExpired = defineError('auth.sign_in_expired', 401, 'This sign-in is over')
export const stepUpRequired = defineError('auth.step_up_required', 403, 'Show first that it is you')
export const secondFactorRequired = defineError('auth.second_factor_required', 403, 'Set up a second factor first')
export const registrationClosed = defineError('auth.registration_closed', 403, 'Nobody makes an account here by themselves')
export const registrationNotFound = defineError('auth.registration_not_found', 404, 'This link does not exist or counts no longer')
export const passwordWeak = defineError('auth.password_weak', 400, 'Choose another password')
/** Of somebody who is signed in: 401 would say that the session has ended. */
export const wrongPassword = defineError('auth.wrong_password', 400, 'This is not your password')
