import type { AccessibleItem } from '../access/access.service.ts'
import type { VersionRow } from './downloads.queries.ts'
import { fileDownloaded } from '../audit/audit.actions.ts'
import { folderOf } from '../audit/audit.details.ts'

/** That a version of a file was downloaded by somebody with an account. */
export const downloadEvent = (file: AccessibleItem, version: VersionRow) => fileDownloaded({
  workspaceId: file.workspaceId,
  subject: { kind: 'file', id: file.id, name: file.name },
  details: {
    ...folderOf(file),
    version: version.number,
    sizeBytes: version.sizeBytes,
  },
})
