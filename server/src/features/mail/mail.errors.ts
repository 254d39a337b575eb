import { defineError } from '../../errors/app-error.ts'

export const mailNotSetUp = defineError('mail.not_set_up', 409, 'This server sends no mail')
export const mailOver = defineError('mail.over', 409, 'This mail is of no use any more')
export const mailSuppressed = defineError('mail.suppressed', 409, 'Nothing is sent to this address')
