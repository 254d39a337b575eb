import type { Db } from '../../db/database.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { OwnFactors } from './own-factors.service.ts'
import type { SecondFactors } from './second-factors.service.ts'
import { totpKeyOf } from '../instance/instance-key.service.ts'
import { createOwnFactors } from './own-factors.service.ts'
import { createSecondFactors } from './second-factors.service.ts'
import { createWebAuthn } from './web-authn.ts'

export interface FactorServices { secondFactors: SecondFactors, ownFactors: OwnFactors }

/** What knows second factors: how they are shown, and what people do with their own. */
export function createFactors({ secretKey, publicUrl, ...shared }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  throttle: Throttle
  secretKey: string
  publicUrl: string
}): FactorServices {
  const totpKey = totpKeyOf(secretKey)
  const webAuthn = createWebAuthn(publicUrl)
  const secondFactors = createSecondFactors({ ...shared, webAuthn, totpKey })
  return {
    secondFactors,
    ownFactors: createOwnFactors({
      ...shared,
      secondFactors,
      webAuthn,
      totpKey,
    }),
  }
}
