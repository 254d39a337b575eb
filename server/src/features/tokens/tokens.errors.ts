import { defineError } from '../../errors/app-error.ts'

/** What a route without a scope answers whatever the token was given. */
export const tokenNotTaken = defineError('token.not_taken', 403, 'Access tokens are not taken here')
export const tokenScopeMissing = defineError('token.scope_missing', 403, 'This token was not given the right to do this')
export const tooManyTokens = defineError('token.too_many', 409, 'You have as many access tokens as there can be')
