import { defineError } from '../../errors/app-error.ts'

export const wrongCredentials = defineError('auth.wrong_credentials', 401, 'E-mail address and password do not go together')
export const passwordWeak = defineError('auth.password_weak', 400, 'Choose another password')
