import type { Executor, Tx } from '../../db/database.ts'
import { and, eq, sql } from 'drizzle-orm'
import { knownDevices } from './known-devices.table.ts'

/** Notes that it was used. @returns whether it was not known, though the person has signed in before */
export async function meetDevice(tx: Tx, userId: string, mark: Buffer, now: Date): Promise<boolean> {
  const { rows: [row] } = await tx.execute<{ is_new: boolean }>(sql`
    with before as (
      select exists(select from known_devices where user_id = ${userId}::uuid) or exists(select from sessions where user_id = ${userId}::uuid) as has_signed_in
    ),
    met as (
      insert into known_devices (user_id, mark, last_used_at) values (${userId}::uuid, ${mark}, ${now.toISOString()}::timestamptz)
      on conflict (user_id, mark) do update set last_used_at = excluded.last_used_at
      returning xmax = 0 as was_unknown
    )
    select was_unknown and has_signed_in as is_new from met cross join before`)
  return row!.is_new
}

export async function isKnown(db: Executor, userId: string, mark: Buffer): Promise<boolean> {
  return await db.$count(knownDevices, and(eq(knownDevices.userId, userId), eq(knownDevices.mark, mark))) > 0
}
