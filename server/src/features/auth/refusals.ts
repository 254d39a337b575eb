import type { Caller } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { Throttle } from './throttle.ts'
import { AppError } from '../../errors/app-error.ts'
import { tooManyRequests } from '../../errors/common-errors.ts'
import { sessionRefused } from '../audit/audit.actions.ts'

/** Of one account, and of all that is no account's together: whoever has many addresses to guess from does not fill the log. The watch is told long before. */
const TOLD = { count: 30, windowSeconds: 3600 }
const TOLD_OF_NOBODY = { count: 1000, windowSeconds: 3600 }

/** Tells the log that somebody was not let in; beyond so many in an hour, that there were more tells nobody anything. */
export async function recordRefusal({ audit, throttle }: { audit: AuditLog, throttle: Pick<Throttle, 'limit'> }, caller: Caller, person: { id: string, name: string } | undefined, reason: Parameters<typeof sessionRefused>[0]['details']['reason']): Promise<void> {
  try {
    await throttle.limit(`refusals:subject:${person?.id ?? ''}`, person
      ? TOLD
      : TOLD_OF_NOBODY)
  }
  catch (error) {
    if (error instanceof AppError && error.code === tooManyRequests.code) return
    throw error
  }
  await audit.recordAlone(caller, sessionRefused({
    subject: { kind: 'user', id: person?.id ?? null, name: person?.name ?? '' },
    details: { reason },
  }))
}
