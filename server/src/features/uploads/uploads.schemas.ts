import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Bytes, Instant, Line, Nullable, Uuid } from '../../http/schemas.ts'
import { ItemName, OnConflict } from '../items/items.schemas.ts'

export const UploadInput = Body({
  parentId: Uuid,
  name: ItemName,
  size: Bytes,
  mediaType: Type.Optional(Line(255, 0)),
  lastModified: Type.Optional(Instant),
  onConflict: Type.Optional(OnConflict),
})
export type UploadInput = Static<typeof UploadInput>

export const CreatedUpload = Type.Object({
  id: Uuid,
  partSize: Type.Integer({ description: 'Bytes of every part but the last' }),
  partCount: Type.Integer({ description: '0 for an empty file: complete it at once' }),
  uploadToken: Type.String({ description: 'The bearer token of this upload alone; shown once' }),
  expiresAt: Instant,
}, { $id: 'CreatedUpload' })
export type CreatedUpload = Static<typeof CreatedUpload>

export const UploadPart = Type.Object({
  n: Type.Integer({ minimum: 1 }),
  size: Bytes,
  etag: Type.String(),
})
export const Upload = Type.Object({
  id: Uuid,
  name: Type.String(),
  parentId: Uuid,
  size: Bytes,
  partSize: Type.Integer(),
  partCount: Type.Integer(),
  state: Type.String({
    enum: ['open', 'completed', 'aborted'],
  }),
  itemId: Nullable(Uuid),
  parts: Type.Array(UploadPart),
  expiresAt: Instant,
}, { $id: 'Upload' })
export type Upload = Static<typeof Upload>

/** An unfinished upload as its owner's list shows it. */
export const OpenUpload = Type.Object({
  id: Uuid,
  name: Type.String(),
  parentId: Uuid,
  size: Bytes,
  receivedBytes: Bytes,
  createdAt: Instant,
  expiresAt: Instant,
}, { $id: 'OpenUpload' })
export type OpenUpload = Static<typeof OpenUpload>

/** `name` and `onConflict` take the place of what the upload was created with: a client's answer to `item.name_taken`. */
export const CompleteInput = Body({
  sha256: Type.Optional(Type.String({ maxLength: 64, pattern: '^[0-9a-fA-F]{64}$', description: 'Of the whole file' })),
  name: Type.Optional(ItemName),
  onConflict: Type.Optional(OnConflict),
})
export type CompleteInput = Static<typeof CompleteInput>
export const UploadParams = Type.Object({ uploadId: Uuid })
export const PartParams = Type.Object({
  uploadId: Uuid,
  n: Type.Integer({ minimum: 1, maximum: 10_000 }),
})
