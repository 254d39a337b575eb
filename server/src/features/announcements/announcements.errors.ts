import { defineError } from '../../errors/app-error.ts'

export const announcementStarted = defineError('announcement.started', 409, 'This announcement has been started')
export const announcementNotStarted = defineError('announcement.not_started', 409, 'This announcement has not been started')
