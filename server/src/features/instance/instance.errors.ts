import { defineError } from '../../errors/app-error.ts'

export const wrongSetupToken = defineError('setup.wrong_token', 401, 'This is not the set-up token')
