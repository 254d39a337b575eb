import type { Db, Executor, Tx } from '../../db/database.ts'
import { and, asc, eq, inArray, lt, sql } from 'drizzle-orm'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import { storageHome } from '../instance/instance.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { objectBlocks, objects, orphans } from './objects.table.ts'

const staged = (key: string) => and(eq(objects.key, key), eq(objects.state, 'staged'))
const doomed = (key: string) => and(eq(objects.key, key), eq(objects.state, 'doomed'))

/** A workspace's counters, which nobody else changes until the end of the transaction. */
export async function lockRoom(tx: Tx, workspaceId: string) {
  const [row] = await tx
    .select({ quotaBytes: workspaces.quotaBytes, usedBytes: workspaces.usedBytes, reservedBytes: workspaces.reservedBytes })
    .from(workspaces)
    .where(eq(workspaces.id, workspaceId))
    .for('no key update')
  return row!
}

export async function addReserved(tx: Tx, workspaceId: string, bytes: number): Promise<void> {
  await tx.update(workspaces).set({ reservedBytes: sql`${workspaces.reservedBytes} + ${bytes}` }).where(eq(workspaces.id, workspaceId))
}

/**
 * New objects and the room that they take, in one statement.
 * @returns whether it was done: there was room for all of them, and the bytes of the deployment are in `kind`
 */
export async function stageAll(db: Db, workspaceId: string, { keys, wanted, kind, now }: { keys: string[], wanted: readonly number[], kind: string, now: Date }): Promise<boolean> {
  const bytes = wanted.reduce((sum, bytes) => sum + bytes, 0)
  const at = now.toISOString()
  const { quotaBytes, usedBytes, reservedBytes } = workspaces
  const { rowCount } = await db.execute(sql`
    with home as (${storageHome}), taken as (
      update workspaces set reserved_bytes = reserved_bytes + ${bytes}
      where id = ${workspaceId} and not exists (select from home where storage <> ${kind}) and (${quotaBytes} is null or ${usedBytes} + ${reservedBytes} + ${bytes} <= ${quotaBytes})
      returning id
    )
    insert into objects (key, workspace_id, state, reserved_bytes, created_at, touched_at)
    select key, id, 'staged', bytes, ${at}::timestamptz, ${at}::timestamptz
    from taken, unnest(${sql.param(keys)}::text[], ${sql.param(wanted)}::bigint[]) as wanted (key, bytes)`)
  return rowCount === keys.length
}

export async function insertStaged(tx: Tx, object: { key: string, workspaceId: string, reservedBytes: number, now: Date }): Promise<void> {
  const { now, ...row } = object
  await tx.insert(objects).values({
    ...row,
    state: 'staged',
    createdAt: now,
    touchedAt: now,
  })
}

export async function lockStaged(tx: Tx, key: string): Promise<{ workspaceId: string, reservedBytes: number } | undefined> {
  const [row] = await tx
    .select({ workspaceId: objects.workspaceId, reservedBytes: objects.reservedBytes })
    .from(objects)
    .where(staged(key))
    .for('update')
  return row
}

/**
 * Staged objects are committed, what was reserved for them returns, what they take is counted as used. One statement: everybody who uploads
 * waits for the workspace's lock. The objects are locked first, as those who doom them do it.
 * @returns how many of them were staged
 */
export async function commitStaged(tx: Tx, workspaceId: string, stored: readonly { key: string, size: number }[], now: Date): Promise<number> {
  const size = stored.reduce((sum, { size }) => sum + size, 0)
  const { rows: [settled] } = await tx.execute<{ count: number }>(sql`
    with staged as (
      select key, reserved_bytes from objects
      where ${inArray(objects.key, stored.map(({ key }) => key))} and workspace_id = ${workspaceId} and state = 'staged'
      for update
    ), committed as (
      update objects set state = 'committed', reserved_bytes = 0, touched_at = ${now.toISOString()}::timestamptz
      from staged where objects.key = staged.key
    )
    update workspaces set used_bytes = used_bytes + ${size}, reserved_bytes = workspaces.reserved_bytes - settled.reserved_bytes
    from (select coalesce(sum(reserved_bytes), 0) as reserved_bytes, count(*)::integer as count from staged) as settled
    where id = ${workspaceId}
    returning settled.count`)
  return settled?.count ?? 0
}

/** Those that are there already stay. */
export async function insertBlocks(db: Executor, rows: readonly (typeof objectBlocks.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await db.insert(objectBlocks).values([...rows]).onConflictDoNothing()
}

export async function growStaged(tx: Tx, key: string, reservedBytes: number, now: Date): Promise<void> {
  await tx.update(objects).set({ reservedBytes, touchedAt: now }).where(eq(objects.key, key))
}

export async function touchStaged(db: Executor, key: string, now: Date): Promise<void> {
  await db.update(objects).set({ touchedAt: now }).where(staged(key))
}

export async function setMultipartRef(db: Executor, key: string, ref: string): Promise<void> {
  await db.update(objects).set({ multipartRef: ref }).where(eq(objects.key, key))
}

export async function setDoomed(tx: Tx, key: string, now: Date): Promise<void> {
  await tx.update(objects).set({ state: 'doomed', reservedBytes: 0, touchedAt: now }).where(eq(objects.key, key))
}

/**
 * `isKept`: its bytes wait for an operator's word. `isHeld`: they are not to be deleted now. Whoever holds takes the lock before the snapshot that names
 * what is held; one that was taken before the object was doomed began before this statement, so this sees its lock.
 */
export async function findDoomed(db: Executor, key: string): Promise<{ multipartRef: string | null, isKept: boolean, isHeld: boolean } | undefined> {
  const [row] = await db
    .select({
      multipartRef: objects.multipartRef,
      isKept: sql<boolean>`${orphans.key} is not null`,
      isHeld: sql<boolean>`not pg_try_advisory_xact_lock_shared(${advisoryLocks.keepingObjects})`,
    })
    .from(objects)
    .leftJoin(orphans, and(eq(orphans.key, objects.key), eq(orphans.ref, ''), eq(orphans.state, 'kept')))
    .where(doomed(key))
  return row
}

export async function deleteDoomed(db: Executor, key: string): Promise<void> {
  await db.delete(objects).where(doomed(key))
}

export function listDoomed(db: Executor, before: Date, limit: number): Promise<{ key: string }[]> {
  return db
    .select({ key: objects.key })
    .from(objects)
    .where(and(eq(objects.state, 'doomed'), lt(objects.touchedAt, before)))
    .orderBy(asc(objects.touchedAt))
    .limit(limit)
}

/** Committed, and so until the end of the transaction. */
export async function isThere(tx: Tx, key: string): Promise<boolean> {
  const rows = await tx.select({ key: objects.key }).from(objects).where(and(eq(objects.key, key), eq(objects.state, 'committed'))).for('key share')
  return rows.length > 0
}

/** Until the end of the transaction nobody makes another version of the object: what is said of its versions is said of all of them. */
export async function holdObject(tx: Tx, key: string): Promise<void> {
  await tx.select({ key: objects.key }).from(objects).where(eq(objects.key, key)).for('no key update')
}

/** What the register has of these keys. */
export function listKnown(db: Executor, keys: readonly string[]) {
  return db
    .select({ key: objects.key, state: objects.state, multipartRef: objects.multipartRef })
    .from(objects)
    .where(inArray(objects.key, [...keys]))
}
