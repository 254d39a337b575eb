import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Instant, Nullable, Uuid } from '../../http/schemas.ts'

/** An address to open in a browser: good for a short time, for one person or visitor, resumable by Range. */
export const DownloadUrl = Type.Object({
  url: Type.String(),
  expiresAt: Type.String({ format: 'date-time' }),
  name: Type.String({ description: 'Of the file that comes: a file’s own; of an archive that of its one folder, or of the link all of which it brings, else the workspace and the day' }),
}, { $id: 'DownloadUrl' })

export const FileDownloads = Type.Object({
  count: Type.Integer({ description: 'Alone or in an archive, by members and through links' }),
  lastAt: Nullable(Instant),
  links: Type.Array(Type.Object({
    linkId: Uuid,
    count: Type.Integer(),
  }), { description: 'How often through each link' }),
}, { $id: 'FileDownloads' })
export type FileDownloads = Static<typeof FileDownloads>
