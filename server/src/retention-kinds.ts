import type { AuditLog } from './features/audit/audit.service.ts'
import type { JobQueue } from './jobs/job-queue.ts'
import type { RetentionKind } from './retention/define-retention.ts'
import { auditLogKept } from './features/audit/audit.retention.ts'
import { endedSessions, failedAttempts, unfinishedAccounts, unfinishedSignIns, unusedDevices } from './features/auth/auth.retention.ts'
import { downloadsUnderWay } from './features/downloads/downloads.retention.ts'
import { endedPurges, replacedVersions, trash } from './features/items/items.retention.ts'
import { endedLinks } from './features/links/links.retention.ts'
import { oldNotifications } from './features/notifications/notifications.retention.ts'
import { deletedBytes, unknownBytes } from './features/objects/objects.retention.ts'
import { comparedVisits } from './features/public-links/public-links.retention.ts'
import { answeredRequests, spamRequests, unconfirmedRequests } from './features/requests/requests.retention.ts'
import { expiredTokens } from './features/tokens/tokens.retention.ts'
import { unfinishedUploads } from './features/uploads/uploads.retention.ts'
import { emailChanges, passwordLinks } from './features/users/users.retention.ts'
import { hourlyCounts, unusedNetworks } from './features/watch/watch.retention.ts'
import { answers } from './http/idempotency.retention.ts'
import { mailSecrets, mailsKept } from './mail/mails.retention.ts'

/** What purging may need besides the database. */
export interface PurgeContext { jobs: JobQueue, audit: AuditLog, newId: () => string }

/** Every kind of data that is deleted by its age, or could be, in the order in which operators and policy texts tell of them. */
export const retentionKinds: readonly RetentionKind<PurgeContext>[] = [
  trash,
  replacedVersions,
  endedLinks,
  auditLogKept,
  answeredRequests,
  spamRequests,
  unconfirmedRequests,
  mailsKept,
  mailSecrets,
  oldNotifications,
  endedSessions,
  unusedDevices,
  unusedNetworks,
  hourlyCounts,
  unfinishedSignIns,
  passwordLinks,
  emailChanges,
  unfinishedAccounts,
  expiredTokens,
  failedAttempts,
  comparedVisits,
  unfinishedUploads,
  downloadsUnderWay,
  answers,
  endedPurges,
  deletedBytes,
  unknownBytes,
]
