import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Bytes, Instant, Literals, Nullable, PageQuery, Password, Ref, Uuid } from '../../http/schemas.ts'

export const LinkToken = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 200 }),
})
export const UnlockInput = Body({
  password: Type.Optional(Password()),
})
export const UnlockAnswer = Type.Object({
  grant: Type.String(),
  expiresIn: Type.Integer({ description: 'Seconds' }),
}, { $id: 'UnlockAnswer' })
export const LinkDownloadInput = Body({
  itemId: Type.Optional(Type.String({ format: 'uuid', description: 'One file or folder of the link; absent: everything' })),
})
export const PublicLinkItem = Type.Object({
  id: Uuid,
  kind: Literals('folder', 'file'),
  name: Type.String(),
  size: Nullable(Type.Integer({ description: 'Bytes; of a folder: all below it' })),
  fileCount: Nullable(Type.Integer({ description: 'Folders: files below it' })),
  mediaType: Nullable(Type.String()),
  sha256: Nullable(Type.String()),
}, { $id: 'PublicLinkItem' })
export type PublicLinkItem = Static<typeof PublicLinkItem>

export const PublicLink = Type.Object({
  state: Type.Literal('open'),
  title: Nullable(Type.String()),
  message: Nullable(Type.String()),
  workspaceName: Type.String(),
  hasPolicies: Type.Boolean({ description: 'Whether the workspace has policies of its own to list' }),
  sharedBy: Type.String(),
  expiresAt: Nullable(Instant),
  downloadsLeft: Nullable(Type.Integer()),
  items: Type.Array(Ref(PublicLinkItem)),
  totalBytes: Bytes,
  fileCount: Type.Integer(),
}, { $id: 'PublicLink' })
export type PublicLink = Static<typeof PublicLink>
export const PublicLinkFolderQuery = Type.Object({ ...PageQuery, parentId: Uuid }, { additionalProperties: false })
