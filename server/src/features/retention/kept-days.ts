import type { Executor } from '../../db/database.ts'
import type { SettableKind } from '../../retention/define-retention.ts'
import { findDays } from './retention.queries.ts'

/** For how many days it is kept in this deployment; null: for ever. */
export async function daysKept(db: Executor, { name, days }: Pick<SettableKind, 'name' | 'days'>): Promise<number | null> {
  const setting = await findDays(db, name)
  return setting
    ? setting.days
    : days.default
}
