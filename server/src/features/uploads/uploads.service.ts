import type { FileUpload } from './form/file-upload.service.ts'
import type { UploadCompletion } from './parts/upload-completion.service.ts'
import type { PartReceiver } from './parts/upload-part.service.ts'
import type { UploadSessions } from './parts/upload-session.service.ts'
import type { UploadsContext } from './uploads.context.ts'
import { createFileUpload } from './form/file-upload.service.ts'
import { createUploadCompletion } from './parts/upload-completion.service.ts'
import { createPartReceiver } from './parts/upload-part.service.ts'
import { createUploadSessions } from './parts/upload-session.service.ts'

/** Bytes on their way in: small files in one request, large ones by parts. */
export interface UploadsService extends FileUpload, UploadSessions, PartReceiver, UploadCompletion {}

export function createUploadsService(context: UploadsContext): UploadsService {
  const sessions = createUploadSessions(context)
  return {
    ...createFileUpload(context),
    ...sessions,
    ...createPartReceiver(context),
    ...createUploadCompletion(context, sessions),
  }
}
