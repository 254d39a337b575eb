import { Type } from 'typebox'
import { Bytes, Instant, Nullable } from '../../http/schemas.ts'

export const BackupStatus = Type.Object({
  to: Nullable(Type.String({ description: 'BACKUP_TO: where the deployment makes its backups' })),
  schedule: Nullable(Type.String({ description: 'BACKUP_SCHEDULE: when the server makes one by itself (cron, UTC)' })),
  isEncrypted: Type.Boolean({ description: 'BACKUP_RECIPIENT is set: only whoever has its secret key opens what is made from now on' }),
  command: Type.String({ description: 'How one is made by hand, as it is typed on the machine of this deployment' }),
  warnHours: Type.Integer(),
  isOverdue: Type.Boolean({ description: 'There is a place for backups, and no good one that is young enough' }),
  last: Nullable(Type.Object({
    id: Type.String(),
    place: Type.String(),
    takenAt: Instant,
    objects: Type.Integer(),
    bytes: Bytes,
    newBytes: Bytes,
    damaged: Type.Integer({ description: 'Objects that could not be got, and were not known to be damaged' }),
  }, { description: 'The last good one' })),
  attempt: Nullable(Type.Object({
    startedAt: Instant,
    problem: Nullable(Type.String({ description: 'Null: it is under way, or was cut off' })),
  }, { description: 'The last one, when it is not a good one' })),
  restored: Nullable(Type.Object({
    backupId: Type.String(),
    at: Instant,
  }, { description: 'The backup that this deployment was restored from' })),
}, { $id: 'BackupStatus' })
