import { defineError } from './app-error.ts'

export const requestInvalid = defineError('request.invalid', 400, 'The request is not valid')
export const unauthenticated = defineError('auth.unauthenticated', 401, 'Sign in first')
export const accessDenied = defineError('access.denied', 403, 'You may not do this')
export const notFound = defineError('not_found', 404, 'Not found')
export const conflict = defineError('conflict', 409, 'This conflicts with something that exists')
export const preconditionFailed = defineError('precondition.failed', 412, 'Somebody changed this in the meantime')
export const tooManyRequests = defineError('rate.limited', 429, 'Too many attempts')
export const unavailable = defineError('service.unavailable', 503, 'A part of the server does not answer')
