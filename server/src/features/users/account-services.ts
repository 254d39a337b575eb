import type { Config } from '../../config/config.ts'
import type { Db } from '../../db/database.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AcceptancesService } from '../acceptances/acceptances.service.ts'
import type { AccessService } from '../access/access.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { AuthService } from '../auth/auth.service.ts'
import type { EmailCodes } from '../auth/email-codes.service.ts'
import type { OwnAccountService } from '../auth/own-account.service.ts'
import type { Registrations } from '../auth/registrations.service.ts'
import type { StepUpService } from '../auth/step-up.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { SecondFactors } from '../factors/second-factors.service.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { OidcDeps } from '../oidc/oidc.context.ts'
import type { OidcService } from '../oidc/oidc.service.ts'
import type { PicturesService } from '../pictures/pictures.service.ts'
import type { TokensService } from '../tokens/tokens.service.ts'
import type { EmailChanges } from './email-changes.service.ts'
import type { PasswordResets } from './password-resets.service.ts'
import type { PeopleService } from './people.service.ts'
import { createAcceptancesService } from '../acceptances/acceptances.service.ts'
import { createEmailCodes } from '../auth/email-codes.service.ts'
import { createOwnAccountService } from '../auth/own-account.service.ts'
import { createRegistrations } from '../auth/registrations.service.ts'
import { createStepUpService } from '../auth/step-up.service.ts'
import { createOidcService } from '../oidc/oidc.service.ts'
import { createPicturesService } from '../pictures/pictures.service.ts'
import { createTokensService } from '../tokens/tokens.service.ts'
import { createEmailChanges } from './email-changes.service.ts'
import { createPasswordResets } from './password-resets.service.ts'
import { createPeopleService } from './people.service.ts'

/** What people and operators do with accounts, beside signing in to them. */
export interface AccountServices {
  accessTokens: TokensService
  passwordResets: PasswordResets
  emailChanges: EmailChanges
  emailCodes: EmailCodes
  registrations: Registrations
  stepUp: StepUpService
  ownAccount: OwnAccountService
  people: PeopleService
  oidc: OidcService
  pictures: PicturesService
  acceptances: AcceptancesService
}

/** Built together, for one ends what another made. */
export function createAccountServices({ config, ...given }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  access: AccessService
  auth: AuthService
  secondFactors: SecondFactors
  instance: InstanceService
  throttle: Throttle
  mail: Mailer
  config: Pick<Config, 'publicUrl' | 'secretKey'>
  log: { error: (fields: object, message: string) => void }
  outgoingFetch?: OidcDeps['outgoingFetch']
}): AccountServices {
  const deps = { ...given, publicUrl: config.publicUrl }
  const accessTokens = createTokensService(deps)
  const passwordResets = createPasswordResets({ ...deps, accessTokens })
  const parts = { ...deps, accessTokens, passwordResets }
  const acceptances = createAcceptancesService(deps)
  return {
    accessTokens,
    passwordResets,
    emailChanges: createEmailChanges(parts),
    emailCodes: createEmailCodes(deps),
    registrations: createRegistrations({ ...deps, acceptances }),
    stepUp: createStepUpService(deps),
    ownAccount: createOwnAccountService(parts),
    people: createPeopleService(parts),
    pictures: createPicturesService(deps),
    acceptances,
    oidc: createOidcService({ ...deps, secretKey: config.secretKey }),
  }
}
