import type { Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { SecondStep } from '../auth/auth.schemas.ts'
import type { StartedSession, VouchedBy } from '../auth/session.ts'
import type { OidcContext, Sent } from './oidc.context.ts'
import type { Told } from './oidc.policy.ts'
import type { ProviderRow, StateRow } from './oidc.queries.ts'
import type { SignInProvider } from './oidc.schemas.ts'
import { hashSecret } from '../../crypto/secrets.ts'
import { AppError } from '../../errors/app-error.ts'
import { conflict, notFound } from '../../errors/common-errors.ts'
import { userSignInConnected } from '../audit/audit.actions.ts'
import { callerAs, holdProvider, startedEvent } from '../auth/auth.service.ts'
import { recordRefusal } from '../auth/refusals.ts'
import { requireSteppedUp } from '../auth/standing-session.ts'
import { createSeats } from '../members/seats.ts'
import { givesNow } from './given-roles.ts'
import { createNewcomers } from './newcomers.ts'
import { nobodyConnected, providerFailed, signInNotBegun, wrongAnswer } from './oidc.errors.ts'
import { labelOf, mappedRole, provedEmail } from './oidc.policy.ts'
import * as queries from './oidc.queries.ts'

/** Where a browser goes that came back, with the session that was begun, if one was. */
export interface Returned { url: string, session?: StartedSession }

/** Signing in by a provider's word: a browser goes there and comes back, and never sees anything but one of our pages afterwards. */
export interface OidcSignIn {
  /** @param slug also this one, though it is a workspace's */
  listProviders: (slug?: string) => Promise<SignInProvider[]>
  /** @throws {AppError} `not_found`, `provider.failed`, `rate.limited` */
  begin: (caller: Caller, slug: string, wanted: { next?: string, again?: boolean }) => Promise<Sent>
  /** @param came what the browser brought: its cookie, and the query as it stood in the address */
  finish: (caller: Caller, slug: string, came: { state: string | undefined, query: string }) => Promise<Returned>
  /** Where to end what was begun there too; undefined where there is no such place. */
  signOutUrl: (vouched: VouchedBy) => Promise<string | undefined>
}

/** From one place, in ten minutes: each leaves a row. An office shares an address. */
const BEGUN = { count: 300, windowSeconds: 600 }

export function createOidcSignIn(context: OidcContext): OidcSignIn {
  const { db, clock, newId, audit, access, auth, throttle, client, publicUrl, redirectUriOf, spokenWith, send } = context
  const admit = createNewcomers(context)
  const seats = createSeats(context)

  /** The page that people come back to. What stands behind # is sent to no server. */
  function landing({ next = '/', problem, fragment }: { next?: string, problem?: string, fragment?: Record<string, string> }): string {
    const query = new URLSearchParams({
      next,
      ...(problem === undefined
        ? {}
        : { problem }),
    })
    return `${publicUrl}/signed-in?${query}${fragment
      ? `#${new URLSearchParams(fragment)}`
      : ''}`
  }

  const refuse = (caller: Caller, reason: 'not_connected' | 'disabled_account' | 'wrong_provider_answer', user?: { id: string, name: string }) => recordRefusal({ audit, throttle }, caller, user, reason)

  type Entered = { session: StartedSession } | { secondStep: SecondStep } | { refused: 'not_connected' | 'disabled_account', user?: StartedSession['user'] }

  /** Whom the provider's person is here, and the role that they are given: the workspace is locked first, then the person, then what is theirs, as everywhere. */
  async function lockKnown(tx: Tx, provider: ProviderRow, told: Told) {
    const ownerId = await queries.findIdentityOwner(tx, provider.id, told.subject)
    if (ownerId === undefined) return {}
    const mapped = mappedRole(provider, told)
    const role = mapped && await givesNow(tx, provider, mapped)
      ? mapped
      : undefined
    await queries.lockPerson(tx, ownerId)
    return { role, identity: await queries.lockIdentity(tx, provider.id, told.subject) }
  }

  async function enter(tx: Tx, caller: Caller, provider: ProviderRow, told: Told): Promise<Entered> {
    const vouched = { providerId: provider.id, sid: told.sid }
    // Before everything, as whoever removes it: until the commit it stays.
    if (!await holdProvider(tx, provider.id)) throw signInNotBegun('The provider is gone')
    const { role, identity } = await lockKnown(tx, provider, told)
    if (identity?.disabledAt) return { refused: 'disabled_account', user: identity.user }
    if (identity && !await queries.doesVouchFor(tx, provider.id, identity.user.id)) return { refused: 'not_connected', user: identity.user }
    const newcomer = identity
      ? undefined
      : await admit(tx, provider, told)
    const user = identity?.user ?? newcomer?.user
    if (!user) return { refused: 'not_connected' }
    const now = clock()
    const seen = {
      label: labelOf(told),
      lastUsedAt: now,
    }
    if (identity) {
      await queries.touchIdentity(tx, identity.id, seen)
    }
    else if (!await queries.insertIdentity(tx, {
      id: newId(),
      providerId: provider.id,
      subject: told.subject,
      userId: user.id,
      createdAt: now,
      ...seen,
    })) {
      // The same person came in by another tab at this moment.
      throw signInNotBegun('Begin again')
    }
    const changes = role
      ? await seats.changeRole(tx, provider.joinWorkspaceId!, user, role)
      : []
    const secondStep = await auth.secondStepFor(caller, user.id, { vouched }, tx)
    const session = secondStep
      ? undefined
      : await auth.startSession(tx, caller, user, {
          vouched,
          // Who runs a workspace's provider could give themselves other ways into the account, that would stay: for dangerous acts its word never counts.
          shownAt: provider.workspaceId === null
            ? told.authAt
            : null,
        })
    const as = callerAs(caller, user)
    const byProvider: Caller = {
      ...caller,
      actor: { kind: 'system', id: null, name: provider.name },
    }
    await audit.recordAll(tx, [
      ...[
        ...newcomer?.events ?? [],
        ...session
          ? [
              startedEvent(session),
            ]
          : [],
      ].map(event => ({ caller: as, event })),
      ...changes.map(event => ({ caller: byProvider, event })),
    ])
    return secondStep
      ? { secondStep }
      : { session: session! }
  }

  async function signIn(caller: Caller, provider: ProviderRow, told: Told, next: string): Promise<Returned> {
    const entered = await db.transaction(tx => enter(tx, caller, provider, told))
    if ('refused' in entered) {
      await refuse(caller, entered.refused, entered.user)
      throw nobodyConnected()
    }
    if ('session' in entered) {
      return {
        url: landing({ next }),
        session: entered.session,
      }
    }
    return {
      url: landing({
        next,
        fragment: {
          step: JSON.stringify(entered.secondStep),
        },
      }),
    }
  }

  async function connect(caller: Caller, provider: ProviderRow, told: Told, { sessionId, next }: StateRow): Promise<Returned> {
    await db.transaction(async (tx) => {
      if (!await holdProvider(tx, provider.id)) throw signInNotBegun('The provider is gone')
      const person = await queries.findSessionsPerson(tx, sessionId!, clock())
      if (!person) throw signInNotBegun('You are signed out')
      const now = clock()
      const seen = {
        label: labelOf(told),
        lastUsedAt: now,
      }
      await queries.lockPerson(tx, person.id)
      const identity = await queries.lockIdentity(tx, provider.id, told.subject)
      await requireSteppedUp(tx, sessionId!, now)
      if (!await queries.doesVouchFor(tx, provider.id, person.id)) throw signInNotBegun('This provider does not speak for you')
      if (identity?.user.id === person.id) return queries.touchIdentity(tx, identity.id, seen)
      const isNew = !identity && await queries.insertIdentity(tx, {
        id: newId(),
        providerId: provider.id,
        subject: told.subject,
        userId: person.id,
        createdAt: now,
        ...seen,
      })
      if (!isNew) throw conflict('Disconnect the other one first')
      await audit.record(tx, callerAs(caller, person), userSignInConnected({
        subject: { kind: 'user', id: person.id, name: person.name },
        details: { provider: provider.name },
      }))
    })
    return { url: `${publicUrl}${next}` }
  }

  /** Shows whoever set the provider up what it says, and lets nobody in. */
  async function show(provider: ProviderRow, told: Told, { sessionId, next }: StateRow): Promise<Returned> {
    const person = await queries.findSessionsPerson(db, sessionId!, clock())
    if (!person || (provider.workspaceId === null && !person.isOperator)) throw signInNotBegun('You are signed out')
    if (provider.workspaceId !== null) await access.requireMember(person.id, provider.workspaceId, 'members.manage')
    const fragment = new URLSearchParams({
      tried: provider.slug,
      label: labelOf(told),
      proved: provedEmail(provider, told) ?? '',
      role: mappedRole(provider, told) ?? '',
      claims: Object.keys(told.claims).sort().join(' '),
    })
    return { url: `${publicUrl}${next}#${fragment}` }
  }

  return {
    listProviders: slug => queries.listShown(db, slug),

    async begin(caller, slug, { next, again }) {
      await throttle.limitPlace('oidc', caller.origin.ip, BEGUN)
      const provider = await queries.findProvider(db, { slug })
      if (!provider?.isEnabled) throw notFound('There is no such provider')
      return send(provider, {
        purpose: 'sign-in',
        sessionId: null,
        next,
        again,
      })
    },

    async finish(caller, slug, { state, query }) {
      let begun: StateRow | undefined
      try {
        const sent = new URLSearchParams(query).get('state')
        if (!state || !sent || !hashSecret(sent).equals(hashSecret(state))) throw signInNotBegun()
        begun = await queries.takeState(db, hashSecret(state), clock())
        const provider = begun && await queries.findProvider(db, { id: begun.providerId })
        if (!begun || provider?.slug !== slug || (!provider.isEnabled && begun.purpose !== 'try')) throw signInNotBegun()
        const told = await client.finish(spokenWith(provider), {
          redirectUri: redirectUriOf(slug),
          state,
          codeVerifier: begun.codeVerifier,
          nonce: begun.nonce,
        }, query)
        if (begun.purpose === 'connect') return await connect(caller, provider, told, begun)
        if (begun.purpose === 'try') return await show(provider, told, begun)
        return await signIn(caller, provider, told, begun.next)
      }
      catch (error) {
        if (!(error instanceof AppError)) throw error
        if (begun?.purpose === 'sign-in' && error.code === wrongAnswer.code) await refuse(caller, 'wrong_provider_answer')
        return {
          url: landing({
            next: begun?.next,
            problem: error.code,
            // Whoever tries it out is told what is wrong.
            fragment: begun?.purpose === 'try' && (error.code === wrongAnswer.code || error.code === providerFailed.code)
              ? { said: error.detail ?? '' }
              : undefined,
          }),
        }
      }
    },

    async signOutUrl({ providerId }) {
      const provider = await queries.findProvider(db, { id: providerId })
      return provider && client.endSessionUrl(spokenWith(provider), `${publicUrl}/login`)
    },
  }
}
