import { defineError } from '../../errors/app-error.ts'

export const alreadyRevoked = defineError('link.revoked', 409, 'This link was revoked')
