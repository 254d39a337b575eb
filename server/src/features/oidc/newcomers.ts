import type { Tx } from '../../db/database.ts'
import type { NewAuditEvent } from '../audit/audit.service.ts'
import type { StartedSession } from '../auth/session.ts'
import type { OidcContext } from './oidc.context.ts'
import type { Told } from './oidc.policy.ts'
import type { ProviderRow } from './oidc.queries.ts'
import { userRegistered } from '../audit/audit.actions.ts'
import { invitationMakesAccounts, mayRegister } from '../auth/registration.policy.ts'
import { insertPerson } from '../auth/registrations.service.ts'
import { createSeats } from '../members/seats.ts'
import { isAddressTaken } from '../users/email-changes.service.ts'
import { emailKey } from '../users/email-key.ts'
import { givesNow } from './given-roles.ts'
import { localeOf, mappedRole, nameOf, provedEmail } from './oidc.policy.ts'

export interface Newcomer { user: StartedSession['user'], events: NewAuditEvent[] }

/**
 * The one place that says who gets an account by a provider's word: whoever has a proved address that nobody has here, and is invited by it, or belongs where the provider's people
 * belong, or may make an account by themselves (`registration.policy.ts`).
 */
export function createNewcomers({ clock, newId, instance, mail }: Pick<OidcContext, 'clock' | 'newId' | 'instance' | 'mail'>) {
  const seats = createSeats({ clock, newId, mail })

  /** @returns undefined for whoever does not come in: of them nobody learns whether there is an account with their address */
  return async function admit(tx: Tx, provider: ProviderRow, told: Told): Promise<Newcomer | undefined> {
    const email = provedEmail(provider, told)
    if (email === undefined) return undefined
    const key = emailKey(email)
    const settings = await instance.settings()
    // A workspace's provider makes people of that workspace alone: whoever is invited, even there, shows that they read the mail.
    const isOperators = provider.workspaceId === null
    const invited = isOperators && invitationMakesAccounts(settings)
      ? await seats.lockInvitationTo(tx, key)
      : undefined
    const role = mappedRole(provider, told) ?? provider.joinRole
    const joins = !invited && invitationMakesAccounts(settings) && await givesNow(tx, provider, role)
      ? provider.joinWorkspaceId
      : null
    if (!invited && joins === null && !(isOperators && mayRegister(settings, email))) return undefined

    const now = clock()
    const user = {
      id: newId(),
      name: nameOf(told, email),
      email,
      isOperator: false,
      locale: localeOf(told),
    }
    if (await isAddressTaken(tx, key, now) || !await insertPerson(tx, {
      ...user,
      emailKey: key,
      // Nobody but the workspace has listed the domain: that somebody reads mail there is not proved.
      emailVerifiedAt: isOperators
        ? now
        : null,
      createdAt: now,
    })) {
      return undefined
    }
    return {
      user,
      events: [
        userRegistered({
          subject: { kind: 'user', id: user.id, name: user.name },
          details: { provider: provider.name },
        }),
        ...invited
          ? await seats.takeInvited(tx, invited, user)
          : [],
        ...joins !== null
          ? await seats.take(tx, joins, user, role)
          : [],
      ],
    }
  }
}
