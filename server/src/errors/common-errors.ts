import { defineError } from './app-error.ts'

export const requestInvalid = defineError('request.invalid', 400, 'The request is not valid')
export const unauthenticated = defineError('auth.unauthenticated', 401, 'Sign in first')
export const accessDenied = defineError('access.denied', 403, 'You may not do this')
export const notFound = defineError('not_found', 404, 'Not found')
export const conflict = defineError('conflict', 409, 'This conflicts with something that exists')
export const preconditionFailed = defineError('precondition.failed', 412, 'Somebody changed this in the meantime')
export const tooManyRequests = defineError('rate.limited', 429, 'Too many attempts')
export const unavailable = defineError('service.unavailable', 503, 'A part of the server does not answer')
export const storageFull = defineError('storage.full', 507, 'The server has no space left')
/** Its cause is in the server's log. */
export const internal = defineError('internal', 500, 'Something went wrong on the server')

/* Of requests that no route has seen. */
export const requestTimeout = defineError('request.timeout', 408, 'The request did not go on')
export const wrongMethod = defineError('request.method', 405, 'This address does not do that')
export const requestTooLarge = defineError('request.too_large', 413, 'The request is too large')
export const headersTooLarge = defineError('request.headers_too_large', 431, 'The headers are too large')
export const requestMalformed = defineError('request.malformed', 400, 'This is not a valid HTTP request')
export const requestNotJson = defineError('request.json', 400, 'The body is not JSON')
export const wrongMediaType = defineError('request.media_type', 415, 'This cannot be read in this form')
