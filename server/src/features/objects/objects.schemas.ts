import { Type } from 'typebox'
import { Bytes, Instant, Nullable, Uuid } from '../../http/schemas.ts'

const Orphans = Type.Object({
  count: Type.Integer(),
  bytes: Bytes,
})

export const StorageHealth = Type.Object({
  files: Type.Integer({ description: 'Versions of files that are looked at' }),
  bytes: Bytes,
  scrubDays: Type.Integer({ description: 'Each is read at least so often' }),
  oldestCheckAt: Nullable(Instant),
  withoutSums: Type.Integer({ description: 'Of these, parts are sent unchecked until they have been read once' }),
  damaged: Type.Object({
    count: Type.Integer(),
    items: Type.Array(Type.Object({
      workspaceId: Uuid,
      fileId: Uuid,
      version: Type.Integer(),
      size: Bytes,
    }), { description: 'The newest hundred. They are not sent any more' }),
  }),
  orphans: Type.Object({
    waiting: Orphans,
    kept: Orphans,
  }, { description: 'What the store has and no row knows: `waiting` is deleted when it has been unknown for 14 days, `kept` when an operator says so' }),
}, { $id: 'StorageHealth' })
