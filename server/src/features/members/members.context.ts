import type { Db } from '../../db/database.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AcceptancesService } from '../acceptances/acceptances.service.ts'
import type { AccessService } from '../access/access.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { AuthService } from '../auth/auth.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { InstanceService } from '../instance/instance.service.ts'

/** What the parts of the members service work with. */
export interface MembersContext {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  access: Pick<AccessService, 'requireMember'>
  acceptances: Pick<AcceptancesService, 'readGiven' | 'keep'>
  auth: Pick<AuthService, 'verifyCredentials' | 'startSession'>
  instance: Pick<InstanceService, 'settings'>
  throttle: Pick<Throttle, 'limit'>
  mail: Pick<Mailer, 'canSend' | 'queue' | 'withdraw'>
  publicUrl: string
}
