import { defineError } from '../../errors/app-error.ts'

export const notInEffect = defineError('policy.not_in_effect', 409, 'The text has changed')
export const acceptanceRequired = defineError('policy.acceptance_required', 403, 'Agree first to what this server asks you to')
