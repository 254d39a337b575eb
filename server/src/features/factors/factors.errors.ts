import { defineError } from '../../errors/app-error.ts'

export const wrongCode = defineError('auth.wrong_code', 400, 'This code is not right')
/** Wrong, too late, or of another site. */
export const passkeyRefused = defineError('auth.passkey_refused', 400, 'This passkey was not accepted')
export const factorExists = defineError('auth.factor_exists', 409, 'This second factor is set up already')
