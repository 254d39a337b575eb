import { defineError } from '../../errors/app-error.ts'

export const pictureUnreadable = defineError('picture.unreadable', 422, 'This is no picture that can be read')
export const pictureTooManyPixels = defineError('picture.too_many_pixels', 422, 'This picture has too many pixels')
