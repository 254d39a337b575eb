import type { Config } from '../../config/config.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { AuthService } from '../auth/auth.service.ts'
import type { StartedSession } from '../auth/session.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { InstanceChange, InstanceSettings, SetupInput } from './instance.schemas.ts'
import { timingSafeEqual } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { hashPassword } from '../../crypto/passwords.ts'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'
import { AppError } from '../../errors/app-error.ts'
import { notFound, requestInvalid, tooManyRequests } from '../../errors/common-errors.ts'
import { systemCaller } from '../../http/caller.ts'
import { isLanguage } from '../../http/languages.ts'
import { isTimeZone } from '../../http/time-zone.ts'
import { instanceAddressesUnreadable, instanceChanged, instanceSetUp } from '../audit/audit.actions.ts'
import { changesOf } from '../audit/audit.details.ts'
import { secondFactorRequired } from '../auth/auth.errors.ts'
import { callerAs, startedEvent } from '../auth/auth.service.ts'
import { passwordProblem, requireGoodPassword } from '../auth/password-rules.ts'
import { domainKey } from '../auth/registration.policy.ts'
import { throttleKeys } from '../auth/throttle.ts'
import { DEFAULT_SESSION_LIMITS } from '../sessions/sessions.policy.ts'
import { emailKey } from '../users/email-key.ts'
import { wrongSetupToken } from './instance.errors.ts'
import * as queries from './instance.queries.ts'

export interface InstanceService {
  isSetUp: () => Promise<boolean>
  /**
   * At start: sets up from ADMIN_EMAIL and ADMIN_PASSWORD, or returns the token to print; undefined when set up.
   * A token made at random is new with every start: only the last one counts.
   * @throws {Error} in plain words when ADMIN_PASSWORD cannot be used
   */
  prepareSetup: () => Promise<string | undefined>
  /** @throws {AppError} `not_found` once set up */
  assertNotSetUp: () => Promise<void>
  /** Whether a person has the right token, before they fill in the rest. @throws {AppError} `not_found` once set up, `setup.wrong_token` (throttled) */
  checkSetupToken: (caller: Caller, token: string) => Promise<void>
  /** @throws {AppError} `not_found` once set up, `setup.wrong_token` (throttled), `auth.password_weak` */
  setUp: (caller: Caller, input: SetupInput) => Promise<StartedSession>
  settings: () => Promise<InstanceSettings>
  /** @throws {AppError} `auth.second_factor_required` for whoever would ask operators for what they do not have; `request.invalid` */
  change: (caller: Caller, change: InstanceChange) => Promise<InstanceSettings>
  /** Tells the operator, by the log and at most once a day, that the proxy with this address hides its clients. */
  noteUnreadableAddresses: (proxy: string) => Promise<void>
}

const DAY_SECONDS = 86_400

interface Operator { name: string, email: string, password: string, locale?: string }

export function createInstanceService({ db, config, clock, newId, audit, auth, throttle }: {
  db: Db
  config: Pick<Config, 'publicUrl' | 'setupToken' | 'adminEmail' | 'adminPassword'>
  clock: () => Date
  newId: () => string
  audit: AuditLog
  auth: Pick<AuthService, 'startSession' | 'limitSessions'>
  throttle: Throttle
}): InstanceService {
  const lockInstance = (tx: Tx) => queries.lockInstance(tx, clock())
  const findInstance = () => queries.findInstance(db)

  const isSetUp = async () => (await findInstance())?.setUpAt != null

  async function makeOperator(tx: Tx, operator: Operator, passwordHash: string): Promise<StartedSession['user']> {
    const now = clock()
    const user = {
      id: newId(),
      name: operator.name,
      email: operator.email.trim(),
      isOperator: true,
      locale: operator.locale ?? null,
    }
    await queries.insertOperator(tx, {
      ...user,
      emailKey: emailKey(operator.email),
      passwordHash,
      createdAt: now,
    })
    await queries.changeInstance(tx, { setUpAt: now, setupTokenHash: null, updatedAt: now })
    return user
  }

  const setUpEvent = (name: string) => instanceSetUp({
    subject: { kind: 'instance', id: null, name },
  })

  async function setUpUnattended(operator: Operator): Promise<void> {
    const problem = passwordProblem(operator.password, [operator.email])
    if (problem !== undefined) throw new Error(`ADMIN_PASSWORD cannot be used. ${problem}.`)
    const passwordHash = await hashPassword(operator.password)
    await db.transaction(async (tx) => {
      const row = await lockInstance(tx)
      if (row.setUpAt) return
      await makeOperator(tx, operator, passwordHash)
      await audit.record(tx, systemCaller, setUpEvent(row.name))
    })
  }

  const shown = (row: queries.InstanceRow | undefined): InstanceSettings => ({
    name: row?.name ?? 'ClientShare',
    organisation: row?.organisation ?? '',
    contactEmail: row?.contactEmail ?? '',
    postalAddress: row?.postalAddress ?? '',
    publicUrl: config.publicUrl,
    registration: row?.registration ?? 'invitation',
    registrationDomains: row?.registrationDomains ?? [],
    operatorsNeedFactor: row?.operatorsNeedFactor ?? false,
    sessionIdleMinutes: row?.sessionIdleMinutes ?? DEFAULT_SESSION_LIMITS.sessionIdleMinutes,
    sessionTotalMinutes: row?.sessionTotalMinutes ?? null,
    timeZone: row?.timeZone ?? 'UTC',
    policyLanguage: row?.policyLanguage ?? 'en',
    policyReview: row?.policyReview ?? false,
  })

  /** Domains as they are compared. @throws {AppError} `request.invalid` for what is none, and without any where they decide */
  function withDomains(change: InstanceChange, before: queries.InstanceRow): InstanceChange {
    const domains = change.registrationDomains?.map(domainKey)
    const refuse = (pointer: string, detail: string) => requestInvalid({
      fields: [
        { pointer, detail },
      ],
    })
    const wrong = domains?.indexOf(undefined) ?? -1
    if (wrong >= 0) throw refuse('/registrationDomains', `“${change.registrationDomains![wrong]}” is no domain`)
    const known = (domains as string[] | undefined) ?? before.registrationDomains
    if ((change.registration ?? before.registration) === 'domain' && known.length === 0) throw refuse('/registrationDomains', 'name one at least')
    return domains === undefined
      ? change
      : {
          ...change,
          registrationDomains: [
            ...new Set(known),
          ].sort(),
        }
  }

  /** @throws {AppError} `request.invalid` for what has the form of one and is none */
  function requireKnown({ timeZone, policyLanguage }: InstanceChange): void {
    const fields = [
      ...timeZone !== undefined && !isTimeZone(timeZone)
        ? [
            { pointer: '/timeZone', detail: 'is no time zone that this server knows' },
          ]
        : [],
      ...policyLanguage !== undefined && !isLanguage(policyLanguage)
        ? [
            { pointer: '/policyLanguage', detail: 'is no language that this server knows' },
          ]
        : [],
    ]
    if (fields.length > 0) throw requestInvalid({ fields })
  }

  const alreadySetUp = () => notFound('There is nothing at this address')

  async function requireSetupToken(caller: Caller, token: string): Promise<void> {
    const before = await findInstance()
    if (before?.setUpAt) throw alreadySetUp()
    const attempt = await throttle.attempt(throttleKeys('setup', { source: caller.origin.ip }))
    const right = before?.setupTokenHash
    if (!right || !timingSafeEqual(right, hashSecret(token.trim()))) {
      throw wrongSetupToken({
        detail: 'Copy it again from the server’s output',
        fields: [
          { pointer: '/token', detail: 'is not the set-up token of this server' },
        ],
      })
    }
    await attempt.succeeded()
  }

  return {
    isSetUp,

    async prepareSetup() {
      if (await isSetUp()) return undefined
      const { adminEmail, adminPassword } = config
      if (adminEmail !== undefined && adminPassword !== undefined) {
        await setUpUnattended({ name: adminEmail.split('@')[0]!, email: adminEmail, password: adminPassword })
        return undefined
      }
      const token = config.setupToken ?? newSecret()
      return db.transaction(async (tx) => {
        if ((await lockInstance(tx)).setUpAt) return undefined
        await queries.changeInstance(tx, {
          setupTokenHash: hashSecret(token),
        })
        return token
      })
    },

    async assertNotSetUp() {
      if (await isSetUp()) throw alreadySetUp()
    },

    checkSetupToken: requireSetupToken,

    async setUp(caller, input) {
      await requireSetupToken(caller, input.token)
      requireGoodPassword(input.password, [input.name, input.email, input.instanceName])
      const passwordHash = await hashPassword(input.password)

      return db.transaction(async (tx) => {
        if ((await lockInstance(tx)).setUpAt) throw alreadySetUp()
        const user = await makeOperator(tx, input, passwordHash)
        await queries.changeInstance(tx, { name: input.instanceName })
        const session = await auth.startSession(tx, caller, user)
        await audit.record(tx, callerAs(caller, user), setUpEvent(input.instanceName), startedEvent(session))
        return session
      })
    },

    settings: async () => shown(await findInstance()),

    async change(caller, change) {
      requireKnown(change)
      return db.transaction(async (tx) => {
        const before = await lockInstance(tx)
        const wanted = withDomains(change, before)
        const fields = (Object.keys(wanted) as (keyof InstanceChange)[]).filter(field => !isDeepStrictEqual(wanted[field], before[field]))
        if (fields.length === 0) return shown(before)
        if (fields.includes('operatorsNeedFactor') && wanted.operatorsNeedFactor && !await queries.isHolder(tx, caller.actor.id!)) throw secondFactorRequired('Set up your own before you ask others for theirs: you would shut yourself out')
        const after = await queries.changeInstance(tx, {
          ...wanted,
          updatedAt: clock(),
        })
        if (fields.includes('sessionIdleMinutes') || fields.includes('sessionTotalMinutes')) await auth.limitSessions(tx, after)
        await audit.record(tx, caller, instanceChanged({
          subject: { kind: 'instance', id: null, name: after.name },
          details: changesOf(before, after, fields),
        }))
        return shown(after)
      })
    },

    async noteUnreadableAddresses(proxy) {
      try {
        await throttle.limit(`unreadable-addresses:${proxy}`, { count: 1, windowSeconds: DAY_SECONDS })
      }
      catch (error) {
        if (error instanceof AppError && error.code === tooManyRequests.code) return
        throw error
      }
      const { name } = shown(await findInstance())
      await db.transaction(tx => audit.record(tx, systemCaller, instanceAddressesUnreadable({
        subject: { kind: 'instance', id: null, name },
        details: { proxy },
      })))
    },
  }
}
