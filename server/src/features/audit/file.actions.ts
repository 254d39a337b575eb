import { Type } from 'typebox'
import { Bytes, Literals, Nullable, Uuid } from '../../http/schemas.ts'
import { Count, Name, place, someItems, version } from './action-details.ts'
import { ofWorkspace, Personal } from './define-action.ts'

/* What happens to files and folders. */

const upload = {
  ...place,
  version,
  size: Bytes,
  sha256: Nullable(Type.String()),
}

export const fileUploaded = ofWorkspace('file.uploaded', {
  subject: ['file'],
  details: upload,
  concerns: ['readers'],
})
export const fileVersionAdded = ofWorkspace('file.version_added', {
  subject: ['file'],
  details: upload,
  concerns: ['readers'],
})
/** A new version with the bytes of an earlier one. */
export const fileVersionRestored = ofWorkspace('file.version_restored', {
  subject: ['file'],
  details: { ...upload, restoredFrom: version },
  concerns: ['readers'],
})
/** Earlier ones, whose time was over (`retention`). */
export const fileVersionsPurged = ofWorkspace('file.versions_purged', {
  subject: ['file'],
  details: { ...place, versions: Count, bytes: Bytes },
  concerns: ['readers'],
})
export const fileDownloaded = ofWorkspace('file.downloaded', {
  subject: ['file'],
  details: { ...place, version, sizeBytes: Bytes },
  concerns: ['readers'],
})
export const fileIntegrityFailed = ofWorkspace('file.integrity_failed', {
  subject: ['file'],
  details: {
    ...place,
    version,
    problem: Type.String({ description: 'What was found, in technical words' }),
  },
  concerns: ['readers', 'operators'],
})
/** What was found damaged or missing is in the store again, byte for byte. */
export const fileIntegrityRestored = ofWorkspace('file.integrity_restored', {
  subject: ['file'],
  details: { ...place, version },
  concerns: ['readers', 'operators'],
})
/** Several things at once; the subject is the one of them, or the workspace with the archive's name. */
export const archiveDownloaded = ofWorkspace('archive.downloaded', {
  subject: ['file', 'folder', 'workspace'],
  details: { ...someItems, fileCount: Count, sizeBytes: Bytes },
  concerns: ['readers'],
})

export const folderCreated = ofWorkspace('folder.created', {
  subject: ['folder'],
  details: place,
  concerns: ['readers'],
})
export const itemRenamed = ofWorkspace('item.renamed', {
  subject: ['file', 'folder'],
  details: { ...place, from: Name, to: Name },
  concerns: ['readers'],
})
export const itemMoved = ofWorkspace('item.moved', {
  subject: ['file', 'folder'],
  details: {
    from: Name,
    fromId: Uuid,
    to: Name,
    toId: Uuid,
  },
  concerns: ['readers'],
})
export const itemTrashed = ofWorkspace('item.trashed', {
  subject: ['file', 'folder'],
  details: {
    from: Name,
    fromId: Nullable(Uuid),
  },
  concerns: ['readers', 'uploader'],
})
export const itemRestored = ofWorkspace('item.restored', {
  subject: ['file', 'folder'],
  details: {
    to: Name,
    toId: Uuid,
    nameBefore: Type.Optional(Name),
  },
  concerns: ['readers'],
})
/** With everything below. */
export const itemPurged = ofWorkspace('item.purged', {
  subject: ['file', 'folder'],
  details: {
    from: Type.Optional(Name),
    files: Count,
    folders: Count,
    bytes: Bytes,
  },
  concerns: ['readers'],
})

export const uploadAborted = ofWorkspace('upload.aborted', {
  subject: ['upload'],
  details: {
    ...place,
    reason: Literals('aborted', 'expired', 'lost', 'moved', 'restored'),
    size: Bytes,
    /** Null: somebody without an account. */
    uploaderId: Nullable(Uuid),
    uploaderName: Personal(Nullable(Type.String())),
  },
  concerns: ['person'],
  webhook: false,
})
