import type { OidcProviders } from './oidc-providers.service.ts'
import type { OidcSignIn } from './oidc-sign-in.service.ts'
import type { OidcDeps } from './oidc.context.ts'
import type { OwnSignIns } from './own-sign-ins.service.ts'
import type { ProviderLogout } from './provider-logout.service.ts'
import { createOidcProviders } from './oidc-providers.service.ts'
import { createOidcSignIn } from './oidc-sign-in.service.ts'
import { createOidcContext } from './oidc.context.ts'
import { createOwnSignIns } from './own-sign-ins.service.ts'
import { createProviderLogout } from './provider-logout.service.ts'

/** Signing in by another's word (OpenID Connect). */
export interface OidcService extends OidcSignIn, OwnSignIns, ProviderLogout {
  providers: OidcProviders
}

export function createOidcService(deps: OidcDeps): OidcService {
  const context = createOidcContext(deps)
  return {
    ...createOidcSignIn(context),
    ...createOwnSignIns(context),
    ...createProviderLogout(context),
    providers: createOidcProviders(context),
  }
}
