import type { Tx } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { NewAuditEvent } from '../audit/audit.service.ts'
import type { Discovered } from './oidc-client.ts'
import type { OidcContext, Sent } from './oidc.context.ts'
import type { Owner, ProviderRow } from './oidc.queries.ts'
import type { OidcProvider, OidcProviderChange, OidcProviderInput, OidcProviderList } from './oidc.schemas.ts'
import { seal } from '../../crypto/secrets.ts'
import { conflict, notFound, requestInvalid } from '../../errors/common-errors.ts'
import { isUuid } from '../../http/text-forms.ts'
import { instanceProviderAdded, instanceProviderChanged, instanceProviderRemoved, workspaceProviderAdded, workspaceProviderChanged, workspaceProviderRemoved } from '../audit/audit.actions.ts'
import { domainKey } from '../auth/registration.policy.ts'
import { endSessionsBy } from './end-sessions-by.ts'
import { givesRoles, issuerOf, issuerProblem } from './oidc.policy.ts'
import * as queries from './oidc.queries.ts'
import { keepSessionsWithout } from './provider-sessions.queries.ts'

/** Providers as they are set up: the deployment's (whose owner is null) by its operators, a workspace's own by those who manage its members. */
export interface OidcProviders {
  list: (owner: Owner) => Promise<OidcProviderList>
  /** What an issuer says of itself. @throws {AppError} `provider.failed`, `request.invalid`, `rate.limited` */
  lookUp: (owner: Owner, issuer: string) => Promise<Discovered>
  /** @throws {AppError} `conflict`, `request.invalid`; `not_found` and `access.denied` for a workspace whose members one may not make so */
  add: (caller: Caller, signedIn: SignedIn, owner: Owner, input: OidcProviderInput) => Promise<OidcProvider>
  /** @throws {AppError} `not_found`, `request.invalid`, and those of a workspace */
  change: (caller: Caller, signedIn: SignedIn, owner: Owner, id: string, change: OidcProviderChange) => Promise<OidcProvider>
  /** Nobody is connected with it any more. Who was signed in by the deployment's own stays so; by a workspace's nobody does. @throws {AppError} `not_found` */
  remove: (caller: Caller, owner: Owner, id: string) => Promise<void>
  /** What it says of whoever asks, which lets nobody in. Also of one that is off. @throws {AppError} `not_found`, `provider.failed` */
  tryOut: (signedIn: SignedIn, owner: Owner, id: string) => Promise<Sent>
}

/** Of a workspace, at most. */
const MOST = 10
/** By a workspace: it could ask this server to see what is where. */
const LOOK_UPS = { count: 60, windowSeconds: 3600 }

/** What the log says of each: in the workspace's where it is a workspace's. */
const events = {
  added: { ofInstance: instanceProviderAdded, ofWorkspace: workspaceProviderAdded },
  removed: { ofInstance: instanceProviderRemoved, ofWorkspace: workspaceProviderRemoved },
}

const rolesOf = ({ joinRole, roleMap }: Pick<ProviderRow, 'joinRole' | 'roleMap'>) => [
  joinRole,
  ...roleMap.map(({ role }) => role),
]

export function createOidcProviders({ db, clock, newId, audit, access, throttle, client, publicUrl, secretsKey, redirectBase, redirectUriOf, send }: OidcContext): OidcProviders {
  const unknown = () => notFound('There is no such provider')
  const wrong = (pointer: string, detail: string) => requestInvalid({
    fields: [
      { pointer, detail },
    ],
  })

  async function listShown(db: Tx | OidcContext['db'], owner: Owner): Promise<OidcProvider[]> {
    return (await queries.listProviders(db, owner)).map(({ provider: { workspaceId: _, clientSecret, createdAt, updatedAt: __, rolesGivenBy: ___, ...provider }, workspaceName, giverRole, people }) => ({
      ...provider,
      hasClientSecret: clientSecret !== null,
      redirectUri: redirectUriOf(provider.slug),
      logoutUri: `${redirectBase}${provider.slug}/logout`,
      signInUrl: `${publicUrl}/login?with=${provider.slug}`,
      joinWorkspaceName: workspaceName,
      givesRoles: provider.joinWorkspaceId === null || givesRoles(giverRole, rolesOf(provider)),
      people,
      createdAt: createdAt.toISOString(),
    }))
  }

  function requireIssuer(issuer: string): string {
    const address = issuerOf(issuer)
    const problem = issuerProblem(address)
    if (problem !== undefined) throw wrong('/issuer', problem)
    return address
  }

  /** As it is kept. @param before what is there already */
  async function kept(tx: Tx, { userId }: SignedIn, owner: Owner, { clientSecret, trustedDomains, issuer, ...plain }: OidcProviderChange, before?: ProviderRow): Promise<Partial<ProviderRow>> {
    const domains = trustedDomains?.map(domainKey)
    const noDomain = domains?.indexOf(undefined) ?? -1
    if (noDomain >= 0) throw wrong('/trustedDomains', `“${trustedDomains![noDomain]}” is no domain`)
    if (plain.scopes !== undefined && !/^[\w.:/+~-]+(?: [\w.:/+~-]+)*$/.test(plain.scopes)) throw wrong('/scopes', 'must be words with a space between them (RFC 6749)')
    if (plain.scopes?.split(' ').includes('openid') === false) throw wrong('/scopes', 'must have “openid” in it')
    const workspaceId = plain.joinWorkspaceId === undefined
      ? before?.joinWorkspaceId ?? null
      : plain.joinWorkspaceId
    if (owner !== null && workspaceId !== null && workspaceId !== owner) throw wrong('/joinWorkspaceId', 'is another workspace')
    // Who a subject is, is another's word then: that of whoever changed it.
    if (owner !== null && before && issuer !== undefined && issuerOf(issuer) !== before.issuer) throw wrong('/issuer', 'stays as it is: add another provider')
    const gives = rolesOf({ joinRole: plain.joinRole ?? before?.joinRole ?? 'staff', roleMap: plain.roleMap ?? before?.roleMap ?? [] })
    const isOthers = workspaceId !== null && (workspaceId !== before?.joinWorkspaceId || gives.join() !== rolesOf(before).join())
    // Said again, it counts by another's right.
    const isGivenAnew = isOthers || (workspaceId !== null && plain.joinWorkspaceId !== undefined && !givesRoles(await queries.findGiverRole(tx, before!.id), gives))
    if (isGivenAnew) {
      // As for an invitation: running the server is no seat in a workspace.
      const { role } = await access.requireMember(userId, workspaceId, 'members.manage', tx)
      if (!givesRoles(role, gives)) throw wrong('/joinRole', 'is more than you may give there')
    }
    return {
      ...plain,
      ...isGivenAnew && { rolesGivenBy: userId },
      ...(issuer === undefined
        ? {}
        : {
            issuer: requireIssuer(issuer),
          }),
      ...(domains === undefined
        ? {}
        : {
            trustedDomains: [
              ...new Set(domains as string[]),
            ].sort(),
          }),
      ...(clientSecret === undefined
        ? {}
        : {
            clientSecret: clientSecret === null
              ? null
              : seal(secretsKey, clientSecret),
          }),
    }
  }

  const factsOf = ({ slug, issuer }: Pick<ProviderRow, 'slug' | 'issuer'>) => ({ slug, issuer })
  function eventOf(what: keyof typeof events, owner: Owner, provider: Pick<ProviderRow, 'name' | 'slug' | 'issuer'>): NewAuditEvent {
    const { name } = provider
    const details = factsOf(provider)
    return owner === null
      ? events[what].ofInstance({
          subject: { kind: 'instance', id: null, name },
          details,
        })
      : events[what].ofWorkspace({
          workspaceId: owner,
          subject: { kind: 'workspace', id: owner, name },
          details,
        })
  }

  return {
    list: async owner => ({ redirectBase, items: await listShown(db, owner) }),

    async lookUp(owner, issuer) {
      if (owner !== null) await throttle.limit(`look-up:subject:${owner}`, LOOK_UPS)
      return client.lookUp(requireIssuer(issuer), { isOperators: owner === null })
    },

    async add(caller, signedIn, owner, input) {
      return db.transaction(async (tx) => {
        const id = newId()
        const now = clock()
        const { slug, name, clientId } = input
        // In a workspace's addresses nothing is to be guessed: neither that there is a provider, nor by its name whose it is.
        if (owner !== null && !isUuid(slug)) throw wrong('/slug', 'must be a UUID, made at random')
        if (owner !== null && (await queries.listProviders(tx, owner)).length >= MOST) throw conflict(`A workspace has ${MOST} providers at most`)
        const provider = {
          ...await kept(tx, signedIn, owner, input),
          id,
          workspaceId: owner,
          slug,
          name,
          clientId,
          issuer: requireIssuer(input.issuer),
          createdAt: now,
          updatedAt: now,
        }
        if (!await queries.insertProvider(tx, provider)) {
          throw conflict({
            fields: [
              { pointer: '/slug', detail: 'is another provider’s' },
            ],
          })
        }
        await audit.record(tx, caller, eventOf('added', owner, provider))
        return (await listShown(tx, owner)).find(each => each.id === id)!
      })
    },

    async change(caller, signedIn, owner, id, change) {
      return db.transaction(async (tx) => {
        const before = await queries.lockProvider(tx, owner, id)
        if (!before) throw unknown()
        const wanted = await kept(tx, signedIn, owner, change, before)
        const fields = (Object.keys(wanted) as (keyof typeof wanted)[]).filter(field => field === 'clientSecret' || JSON.stringify(wanted[field]) !== JSON.stringify(before[field]))
        if (fields.length > 0) {
          await queries.changeProvider(tx, id, {
            ...wanted,
            updatedAt: clock(),
          })
          const after = {
            ...before,
            ...wanted,
          }
          const details = {
            ...factsOf(after),
            fields,
          }
          await audit.record(tx, caller, owner === null
            ? instanceProviderChanged({
                subject: { kind: 'instance', id: null, name: after.name },
                details,
              })
            : workspaceProviderChanged({
                workspaceId: owner,
                subject: { kind: 'workspace', id: owner, name: after.name },
                details,
              }))
        }
        return (await listShown(tx, owner)).find(each => each.id === id)!
      })
    },

    async remove(caller, owner, id) {
      await db.transaction(async (tx) => {
        const before = await queries.lockProvider(tx, owner, id)
        if (!before) throw unknown()
        // Without it nothing would say any more how far a workspace's word goes. Sessions come before connections, as whatever ends all that is a person's takes them.
        await (owner === null
          ? keepSessionsWithout(tx, id)
          : endSessionsBy(tx, clock(), { providerId: id }))
        await queries.deleteProvider(tx, id)
        await audit.record(tx, caller, eventOf('removed', owner, before))
      })
    },

    async tryOut({ sessionId }, owner, id) {
      const provider = await queries.findProvider(db, { id })
      if (provider?.workspaceId !== owner) throw unknown()
      return send(provider, {
        purpose: 'try',
        sessionId,
        next: owner === null
          ? '/admin/settings/sign-in'
          : `/w/${await queries.findWorkspaceSlug(db, owner)}/members/sign-in`,
      })
    },
  }
}
