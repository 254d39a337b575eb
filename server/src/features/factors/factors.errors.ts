import { defineError } from '../../errors/app-error.ts'

export const wrongCode = defineError('auth.wrong_code', 400, 'This code is not right')
export const factorExists = defineError('auth.factor_exists', 409, 'An authenticator app is set up already')
