import type { Db } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { Transfers } from '../../live/transfers.ts'
import type { Storage } from '../../storage/storage.ts'
import type { AccessService } from '../access/access.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { UploadTurn } from '../instance/upload-turn.ts'
import type { ObjectRegister } from '../objects/objects.service.ts'
import type { TokensService } from '../tokens/tokens.service.ts'

/** What the parts of the uploads service work with. */
export interface UploadsContext {
  db: Db
  storage: Storage
  jobs: JobQueue
  audit: AuditLog
  access: AccessService
  objects: ObjectRegister
  clock: () => Date
  newId: () => string
  log: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
  accessTokens: Pick<TokensService, 'requireStanding'>
  transfers: Transfers
  uploadTurn: Pick<UploadTurn, 'require'>
  config: { maxFileBytes: number, bodyIdleSeconds: number }
}
