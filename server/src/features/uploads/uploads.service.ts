import type { ObjectRegister } from '../objects/objects.service.ts'
import type { FileUpload } from './form/file-upload.service.ts'
import type { UploadCompletion } from './parts/upload-completion.service.ts'
import type { PartReceiver } from './parts/upload-part.service.ts'
import type { UploadSessions } from './parts/upload-session.service.ts'
import type { UploadsContext } from './uploads.context.ts'
import { createObjectRegister } from '../objects/objects.service.ts'
import { createFileUpload } from './form/file-upload.service.ts'
import { createUploadCompletion } from './parts/upload-completion.service.ts'
import { createPartReceiver } from './parts/upload-part.service.ts'
import { createUploadSessions } from './parts/upload-session.service.ts'

/** Bytes on their way in: small files in one request, large ones by parts. */
export interface UploadsService extends FileUpload, UploadSessions, PartReceiver, UploadCompletion {}

/** The register of a store's objects and what fills it: both know the same store. */
export function createUploads(deps: Omit<UploadsContext, 'objects'>): { objects: ObjectRegister, uploads: UploadsService } {
  const objects = createObjectRegister(deps)
  const context = { ...deps, objects }
  const sessions = createUploadSessions(context)
  return {
    objects,
    uploads: {
      ...createFileUpload(context),
      ...sessions,
      ...createPartReceiver(context),
      ...createUploadCompletion(context, sessions),
    },
  }
}
