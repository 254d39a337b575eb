import { defineError } from '../../errors/app-error.ts'

export const consentNeeded = defineError('request.consent_needed', 409, 'Agree to the policy that is in effect')
export const proofRefused = defineError('request.proof_refused', 400, 'The proof of work does not count')
export const requestDecided = defineError('request.decided', 409, 'This request has been approved')
export const letterNeeded = defineError('request.letter_needed', 409, 'A privacy request ends with a letter and with what was done')
