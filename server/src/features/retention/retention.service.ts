import type { Db } from '../../db/database.ts'
import type { FactLanguage } from '../../facts/live-fact.ts'
import type { Caller } from '../../http/caller.ts'
import type { PurgeContext } from '../../retention-kinds.ts'
import type { FixedKind, RetentionKind, SettableKind, Span } from '../../retention/define-retention.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { KeptKind, RetentionChange } from './retention.schemas.ts'
import { notFound, requestInvalid } from '../../errors/common-errors.ts'
import { beforeOf, isSettable, spanOfDays } from '../../retention/define-retention.ts'
import { retentionChanged } from '../audit/audit.actions.ts'
import { daysKept } from './kept-days.ts'
import * as queries from './retention.queries.ts'

/** A kind of data, and how long it is kept in this deployment. */
export interface Kept { kind: RetentionKind<PurgeContext>, span: Span }

/** How long each kind of data is kept, and that it goes then. */
export interface RetentionService {
  /** Every kind, in order. */
  spans: () => Promise<Kept[]>
  list: (language: FactLanguage) => Promise<KeptKind[]>
  /** @throws {AppError} `request.invalid` for days that it is not kept */
  change: (caller: Caller, change: RetentionChange, language: FactLanguage) => Promise<KeptKind>
  /** Deletes what is due of a kind, some at a time, until nothing is, or it is aborted. */
  purge: (kind: RetentionKind<PurgeContext>, context: PurgeContext, signal: AbortSignal) => Promise<void>
  /** The same for all that operators set, or for all others that have no job of their own. One that fails holds up none. */
  purgeAll: (which: 'settable' | 'fixed', context: PurgeContext, signal: AbortSignal) => Promise<void>
}

export function createRetentionService({ db, audit, instance, clock, kinds }: {
  db: Db
  audit: AuditLog
  instance: Pick<InstanceService, 'settings'>
  clock: () => Date
  kinds: readonly RetentionKind<PurgeContext>[]
}): RetentionService {
  /** The setting is read anew for each step, and nobody changes it until the step is over. */
  const purgeSome = (kind: RetentionKind<PurgeContext>, context: PurgeContext) => db.transaction(async (tx) => {
    await queries.holdSettings(tx)
    const now = clock()
    const before = beforeOf(isSettable(kind)
      ? spanOfDays(await daysKept(tx, kind))
      : kind.keeps, now)
    return before !== undefined && kind.purge !== undefined && await kind.purge(tx, { before, now }, context)
  })

  const purge: RetentionService['purge'] = async (kind, context, signal) => {
    while (!signal.aborted && await purgeSome(kind, context));
  }

  const refuse = (detail: string) => requestInvalid({
    fields: [
      { pointer: '/days', detail },
    ],
  })

  function requireAllowed({ days: { minimum, maximum, mayBeForEver } }: SettableKind<PurgeContext>, days: number | null): void {
    if (days === null && !mayBeForEver) throw refuse('this is not kept for ever')
    if (days !== null && (days < minimum || days > maximum)) throw refuse(`between ${minimum} and ${maximum} days`)
  }

  const list: RetentionService['list'] = async (language) => {
    const settings = new Map((await queries.listSettings(db)).map(setting => [setting.kind, setting]))
    return kinds.map(kind => isSettable(kind)
      ? settableOf(kind, settings.get(kind.name), language)
      : fixedOf(kind, language))
  }

  return {
    list,
    purge,

    async spans() {
      const settings = new Map((await queries.listSettings(db)).map(({ kind, days }) => [
        kind,
        { days },
      ]))
      return kinds.map(kind => ({
        kind,
        span: isSettable(kind)
          ? spanOfDays((settings.get(kind.name) ?? { days: kind.days.default }).days)
          : kind.keeps,
      }))
    },

    async change(caller, { kind: name, days }, language) {
      const kind = kinds.find(each => each.name === name)
      if (!kind || !isSettable(kind)) throw notFound('Nobody sets how long this is kept')
      requireAllowed(kind, days)
      const { name: instanceName } = await instance.settings()
      await db.transaction(async (tx) => {
        await queries.lockSettings(tx)
        const from = await daysKept(tx, kind)
        if (from === days) return
        await queries.putSetting(tx, {
          kind: name,
          days,
          changedAt: clock(),
          changedBy: caller.actor.id,
        })
        await audit.record(tx, caller, retentionChanged({
          subject: { kind: 'instance', id: null, name: instanceName },
          details: {
            data: name,
            days: { from, to: days },
          },
        }))
      })
      return (await list(language)).find(each => each.kind === name)!
    },

    async purgeAll(which, context, signal) {
      const faults: unknown[] = []
      for (const kind of kinds.filter(each => isSettable(each) === (which === 'settable'))) {
        await purge(kind, context, signal).catch(error => faults.push(error))
      }
      if (faults.length > 0) throw faults[0]
    },
  }
}

const wordsOf = ({ name, what, since }: RetentionKind<PurgeContext>, language: FactLanguage) => ({ kind: name, what: what[language], since: since[language] })

function settableOf(kind: SettableKind<PurgeContext>, setting: queries.RetentionSetting | undefined, language: FactLanguage): KeptKind {
  const { default: defaultDays, ...bounds } = kind.days
  return {
    ...wordsOf(kind, language),
    days: setting
      ? setting.days
      : defaultDays,
    hours: null,
    why: null,
    settable: { defaultDays, ...bounds },
    changedAt: setting?.changedAt.toISOString() ?? null,
    changedBy: setting?.changedBy
      ? { id: setting.changedBy, name: setting.changedByName ?? '' }
      : null,
  }
}

function fixedOf(kind: FixedKind<PurgeContext>, language: FactLanguage): KeptKind {
  const { keeps } = kind
  return {
    ...wordsOf(kind, language),
    days: typeof keeps === 'object' && 'days' in keeps
      ? keeps.days
      : null,
    hours: typeof keeps === 'object' && 'hours' in keeps
      ? keeps.hours
      : null,
    why: kind.why[language],
    settable: null,
    changedAt: null,
    changedBy: null,
  }
}
