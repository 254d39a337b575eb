import type { Tx } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { Discovered } from './oidc-client.ts'
import type { OidcContext, Sent } from './oidc.context.ts'
import type { ProviderRow } from './oidc.queries.ts'
import type { OidcProvider, OidcProviderChange, OidcProviderInput, OidcProviderList } from './oidc.schemas.ts'
import { seal } from '../../crypto/secrets.ts'
import { conflict, notFound, requestInvalid } from '../../errors/common-errors.ts'
import { mayAssignRole } from '../access/access.policy.ts'
import { instanceProviderAdded, instanceProviderChanged, instanceProviderRemoved } from '../audit/audit.actions.ts'
import { domainKey } from '../auth/registration.policy.ts'
import { issuerOf, issuerProblem } from './oidc.policy.ts'
import * as queries from './oidc.queries.ts'

/** The deployment's providers, as its operators set them up. */
export interface OidcProviders {
  list: () => Promise<OidcProviderList>
  /** What an issuer says of itself. @throws {AppError} `provider.failed`, `request.invalid` */
  lookUp: (issuer: string) => Promise<Discovered>
  /** @throws {AppError} `conflict`, `request.invalid`; `not_found` and `access.denied` for a workspace whose members one may not make so */
  add: (caller: Caller, signedIn: SignedIn, input: OidcProviderInput) => Promise<OidcProvider>
  /** @throws {AppError} `not_found`, `request.invalid`, and those of a workspace */
  change: (caller: Caller, signedIn: SignedIn, id: string, change: OidcProviderChange) => Promise<OidcProvider>
  /** Nobody is connected with it any more; who was signed in by it stays so. @throws {AppError} `not_found` */
  remove: (caller: Caller, id: string) => Promise<void>
  /** What it says of whoever asks, which lets nobody in. Also of one that is off. @throws {AppError} `not_found`, `provider.failed` */
  tryOut: (signedIn: SignedIn, id: string) => Promise<Sent>
}

export function createOidcProviders({ db, clock, newId, audit, access, client, secretsKey, redirectBase, redirectUriOf, send }: OidcContext): OidcProviders {
  const unknown = () => notFound('There is no such provider')
  const wrong = (pointer: string, detail: string) => requestInvalid({
    fields: [
      { pointer, detail },
    ],
  })

  async function listShown(db: Tx | OidcContext['db']): Promise<OidcProvider[]> {
    return (await queries.listProviders(db)).map(({ provider: { workspaceId: _, clientSecret, createdAt, updatedAt: __, ...provider }, workspaceName, people }) => ({
      ...provider,
      hasClientSecret: clientSecret !== null,
      redirectUri: redirectUriOf(provider.slug),
      joinWorkspaceName: workspaceName,
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
  async function kept(tx: Tx, { userId }: SignedIn, { clientSecret, trustedDomains, issuer, ...plain }: OidcProviderChange, before?: ProviderRow): Promise<Partial<ProviderRow>> {
    const domains = trustedDomains?.map(domainKey)
    const noDomain = domains?.indexOf(undefined) ?? -1
    if (noDomain >= 0) throw wrong('/trustedDomains', `“${trustedDomains![noDomain]}” is no domain`)
    if (plain.scopes !== undefined && !/^[\w.:/+~-]+(?: [\w.:/+~-]+)*$/.test(plain.scopes)) throw wrong('/scopes', 'must be words with a space between them (RFC 6749)')
    if (plain.scopes?.split(' ').includes('openid') === false) throw wrong('/scopes', 'must have “openid” in it')
    const workspaceId = plain.joinWorkspaceId === undefined
      ? before?.joinWorkspaceId ?? null
      : plain.joinWorkspaceId
    const gives = [
      plain.joinRole ?? before?.joinRole ?? 'staff',
      ...(plain.roleMap ?? before?.roleMap ?? []).map(({ role }) => role),
    ]
    const isOthers = workspaceId !== null && (workspaceId !== before?.joinWorkspaceId || gives.join() !== [
      before.joinRole,
      ...before.roleMap.map(({ role }) => role),
    ].join())
    if (isOthers) {
      // As for an invitation: running the server is no seat in a workspace.
      const { role } = await access.requireMember(userId, workspaceId, 'members.manage', tx)
      if (gives.some(given => !mayAssignRole(role, null, given))) throw wrong('/joinRole', 'is more than you may give there')
    }
    return {
      ...plain,
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

  const subjectOf = ({ name }: Pick<ProviderRow, 'name'>) => ({ kind: 'instance' as const, id: null, name })
  const factsOf = ({ slug, issuer }: Pick<ProviderRow, 'slug' | 'issuer'>) => ({ slug, issuer })

  return {
    list: async () => ({ redirectBase, items: await listShown(db) }),

    lookUp: async issuer => client.lookUp(requireIssuer(issuer)),

    async add(caller, signedIn, input) {
      return db.transaction(async (tx) => {
        const id = newId()
        const now = clock()
        const { slug, name, clientId } = input
        const provider = {
          ...await kept(tx, signedIn, input),
          id,
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
        await audit.record(tx, caller, instanceProviderAdded({
          subject: subjectOf(provider),
          details: factsOf(provider),
        }))
        return (await listShown(tx)).find(each => each.id === id)!
      })
    },

    async change(caller, signedIn, id, change) {
      return db.transaction(async (tx) => {
        const before = await queries.lockProvider(tx, id)
        if (!before) throw unknown()
        const wanted = await kept(tx, signedIn, change, before)
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
          await audit.record(tx, caller, instanceProviderChanged({
            subject: subjectOf(after),
            details: {
              ...factsOf(after),
              fields,
            },
          }))
        }
        return (await listShown(tx)).find(each => each.id === id)!
      })
    },

    async remove(caller, id) {
      await db.transaction(async (tx) => {
        const before = await queries.lockProvider(tx, id)
        if (!before) throw unknown()
        await queries.deleteProvider(tx, id)
        await audit.record(tx, caller, instanceProviderRemoved({
          subject: subjectOf(before),
          details: factsOf(before),
        }))
      })
    },

    async tryOut({ sessionId }, id) {
      const provider = await queries.findProvider(db, { id })
      if (!provider || provider.workspaceId !== null) throw unknown()
      return send(provider, { purpose: 'try', sessionId, next: '/admin/settings/sign-in' })
    },
  }
}
