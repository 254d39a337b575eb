import { defineError } from '../../errors/app-error.ts'

export const wrongToken = defineError('upload.wrong_token', 401, 'This token is not of this upload')
export const uploadClosed = defineError('upload.closed', 409, 'This upload takes nothing more')
export const uploadIncomplete = defineError('upload.incomplete', 409, 'Parts are missing')
export const uploadInterrupted = defineError('upload.interrupted', 400, 'The upload was cut off')
export const uploadStalled = defineError('upload.stalled', 408, 'The upload stood still for too long')
export const partSuperseded = defineError('upload.part_superseded', 409, 'This part is being sent again, or the upload is being ended')
export const partNumber = defineError('upload.part_number', 400, 'The upload has no such part')
export const partSize = defineError('upload.part_size', 400, 'The part has another size')
export const lengthRequired = defineError('upload.length_required', 411, 'A part must say how long it is')
export const partDigestMismatch = defineError('upload.digest_mismatch', 400, 'The bytes are not the ones that were announced')
export const fileDigestMismatch = partDigestMismatch.as(422)
