import { Type } from 'typebox'

/** An address to open in a browser: good for a short time, for one person or visitor, resumable by Range. */
export const DownloadUrl = Type.Object({
  url: Type.String(),
  expiresAt: Type.String({ format: 'date-time' }),
}, { $id: 'DownloadUrl' })
