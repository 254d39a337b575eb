import type { Db } from '../../db/database.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { AccessService } from '../access/access.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { AuthService } from '../auth/auth.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { SecondFactors } from '../factors/second-factors.service.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { OidcClient, Provider } from './oidc-client.ts'
import type { ProviderRow, StateRow } from './oidc.queries.ts'
import { hashSecret, newSecret, unseal } from '../../crypto/secrets.ts'
import { createOutgoingFetch } from '../../http/outgoing-fetch.ts'
import { oidcKeyOf } from '../instance/instance-key.service.ts'
import { createOidcClient } from './oidc-client.ts'
import { STATE_SECONDS } from './oidc.cookies.ts'
import { ownPath } from './oidc.policy.ts'
import { insertState } from './oidc.queries.ts'

export interface OidcDeps {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  access: Pick<AccessService, 'requireMember'>
  auth: Pick<AuthService, 'startSession' | 'secondStepFor'>
  secondFactors: Pick<SecondFactors, 'methodsOf'>
  instance: Pick<InstanceService, 'settings'>
  throttle: Throttle
  mail: Pick<Mailer, 'withdraw'>
  publicUrl: string
  secretKey: string
  log: { error: (fields: object, message: string) => void }
  /** Another in tests alone: their providers are on this machine. */
  outgoingFetch?: typeof createOutgoingFetch
}

/** Where a browser goes, and what it is to bring back from there, in its cookie. */
export interface Sent { url: string, state: string }

/** What the parts of the service share. */
export interface OidcContext extends OidcDeps {
  client: OidcClient
  secretsKey: Buffer
  redirectBase: string
  redirectUriOf: (slug: string) => string
  spokenWith: (row: ProviderRow) => Provider
  /** Notes that somebody is sent to a provider, for ten minutes and once. @throws {AppError} `provider.failed` */
  send: (row: ProviderRow, what: Pick<StateRow, 'purpose' | 'sessionId'> & { next?: string, again?: boolean }) => Promise<Sent>
}

export function createOidcContext(deps: OidcDeps): OidcContext {
  const { db, clock, newId, publicUrl, secretKey, log, outgoingFetch = createOutgoingFetch } = deps
  const secretsKey = oidcKeyOf(secretKey)
  const client = createOidcClient({ clock, log, outgoingFetch })
  const redirectBase = `${publicUrl}/api/v1/auth/oidc/`
  const redirectUriOf = (slug: string) => `${redirectBase}${slug}/callback`
  const spokenWith = ({ clientSecret, workspaceId, ...row }: ProviderRow): Provider => ({
    ...row,
    clientSecret: clientSecret && unseal(secretsKey, clientSecret),
    isOperators: workspaceId === null,
  })

  return {
    ...deps,
    client,
    secretsKey,
    redirectBase,
    redirectUriOf,
    spokenWith,

    async send(row, { purpose, sessionId, next, again }) {
      const [state, codeVerifier, nonce] = [
        newSecret(),
        newSecret(),
        newSecret(),
      ]
      const url = await client.authorizationUrl(spokenWith(row), {
        redirectUri: redirectUriOf(row.slug),
        state,
        codeVerifier,
        nonce,
        again,
      })
      const now = clock()
      await insertState(db, {
        id: newId(),
        stateHash: hashSecret(state),
        providerId: row.id,
        codeVerifier,
        nonce,
        purpose,
        next: ownPath(next),
        sessionId,
        createdAt: now,
        expiresAt: new Date(now.getTime() + STATE_SECONDS * 1000),
      })
      return { url, state }
    },
  }
}
