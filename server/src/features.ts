import type { Deps } from './deps.ts'
import type { Feature } from './feature.ts'
import type { AuditReader } from './features/audit/audit-readers.service.ts'
import type { JobHandler } from './jobs/job-queue.ts'
import type { ReplyTaker } from './mail/replies.ts'
import { acceptancesFeature } from './features/acceptances/acceptances.feature.ts'
import { accessFeature } from './features/access/access.feature.ts'
import { announcementsFeature } from './features/announcements/announcements.feature.ts'
import { auditFeature } from './features/audit/audit.feature.ts'
import { authFeature } from './features/auth/auth.feature.ts'
import { backupsFeature } from './features/backups/backups.feature.ts'
import { doctorFeature } from './features/doctor/doctor.feature.ts'
import { downloadsFeature } from './features/downloads/downloads.feature.ts'
import { factorsFeature } from './features/factors/factors.feature.ts'
import { identityFeature } from './features/identity/identity.feature.ts'
import { instanceFeature } from './features/instance/instance.feature.ts'
import { itemsFeature } from './features/items/items.feature.ts'
import { linksFeature } from './features/links/links.feature.ts'
import { liveFeature } from './features/live/live.feature.ts'
import { mailFeature } from './features/mail/mail.feature.ts'
import { membersFeature } from './features/members/members.feature.ts'
import { notificationsFeature } from './features/notifications/notifications.feature.ts'
import { objectsFeature } from './features/objects/objects.feature.ts'
import { oidcFeature } from './features/oidc/oidc.feature.ts'
import { picturesFeature } from './features/pictures/pictures.feature.ts'
import { policiesFeature } from './features/policies/policies.feature.ts'
import { publicLinksFeature } from './features/public-links/public-links.feature.ts'
import { requestsFeature } from './features/requests/requests.feature.ts'
import { retentionFeature } from './features/retention/retention.feature.ts'
import { tokensFeature } from './features/tokens/tokens.feature.ts'
import { uploadsFeature } from './features/uploads/uploads.feature.ts'
import { usersFeature } from './features/users/users.feature.ts'
import { watchFeature } from './features/watch/watch.feature.ts'
import { workspacesFeature } from './features/workspaces/workspaces.feature.ts'

/** Every feature with routes or jobs, in the order in which the API's description tells of them. */
export const features: readonly Feature[] = [
  instanceFeature,
  identityFeature,
  authFeature,
  tokensFeature,
  factorsFeature,
  oidcFeature,
  usersFeature,
  picturesFeature,
  accessFeature,
  workspacesFeature,
  membersFeature,
  itemsFeature,
  objectsFeature,
  backupsFeature,
  doctorFeature,
  uploadsFeature,
  downloadsFeature,
  linksFeature,
  publicLinksFeature,
  auditFeature,
  watchFeature,
  policiesFeature,
  acceptancesFeature,
  requestsFeature,
  retentionFeature,
  mailFeature,
  announcementsFeature,
  notificationsFeature,
  liveFeature,
]

/** The background work of all features. */
export const handlersOf = (deps: Deps): JobHandler[] => features.flatMap(feature => feature.jobs?.(deps) ?? [])

/** What reads the log in the background, of all features. */
export const readersOf = (deps: Deps): AuditReader[] => features.flatMap(feature => feature.readers?.(deps) ?? [])

/** What takes mails that people send to us, of all features. */
export const takersOf = (deps: Deps): ReplyTaker[] => features.flatMap(feature => feature.replies?.(deps) ?? [])
