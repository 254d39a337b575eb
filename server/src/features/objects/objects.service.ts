import type { Db, Tx } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { Storage } from '../../storage/storage.ts'
import { and, eq, inArray, sql } from 'drizzle-orm'
import { inGroups } from '../../db/in-groups.ts'
import { requireStorageHome, selectStorageHome } from '../instance/storage-home.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { deleteObjectsJob } from './objects.deletion.ts'
import { objectGone, quotaExceeded } from './objects.errors.ts'
import { objects } from './objects.table.ts'

/** The register of what the store may hold, and the quota that it takes. Rows come before the first byte and go after the last. */
export interface ObjectRegister {
  /**
   * Registers a new object and reserves room for it: `wanted` bytes, or what is left of the quota but at least `needed`.
   * @throws {AppError} `quota.exceeded`
   * @throws {StorageError} `unavailable` when the bytes have moved to another driver
   */
  stage: (workspaceId: string, room: { wanted: number, needed?: number }) => Promise<StagedObject>
  /** Reserves up to `wanted` bytes more. @returns how many. @throws {AppError} `quota.exceeded` when there is not one */
  grow: (key: string, wanted: number) => Promise<number>
  /** Before the first part is sent: what must be known to give the upload up. */
  keepMultipartRef: (key: string, ref: string) => Promise<void>
  /** Says that bytes still flow, so that the sweep leaves the object alone. */
  touch: (key: string) => Promise<void>
  /** Gives a staged object up: its reservation returns, a job deletes its bytes. @returns false when it is no longer staged */
  doom: (tx: Tx, key: string) => Promise<boolean>
  /** Deletes the bytes of a doomed object, then its row. Idempotent. @throws {StorageError} and leaves the row */
  remove: (key: string) => Promise<void>
  /** `doom` and `remove` at once, for the way out of a failure: never throws, what fails is left to the job and the sweep. */
  discard: (key: string) => Promise<void>
}

export interface StagedObject { key: string, reservedBytes: number }

export interface ObjectRegisterDeps {
  db: Db
  storage: Storage
  jobs: JobQueue
  clock: () => Date
  newId: () => string
  log: { error: (fields: object, message: string) => void }
}

/**
 * In the transaction that made staged objects files of one workspace: they are committed, what was reserved for them returns, what they take is
 * counted as used. Takes the workspace's lock until the commit, so call it late.
 * @throws {AppError} `conflict` when one is no longer staged: what the sweep has doomed must not become a file, its bytes are going away
 */
export async function settleObjects(tx: Tx, workspaceId: string, stored: readonly { key: string, size: number }[], now: Date): Promise<void> {
  const size = stored.reduce((sum, { size }) => sum + size, 0)
  // One statement: everybody who uploads waits for the workspace's lock. The objects are locked first, as `doom` does it.
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
  if (settled?.count !== stored.length) throw objectGone()
}

export function createObjectRegister({ db, storage, jobs, clock, newId, log }: ObjectRegisterDeps): ObjectRegister {
  const newKey = (workspaceId: string) => `w/${workspaceId}/${newId()}`

  /** Takes room under the workspace's lock: the counters are read and written as one, whoever else is uploading. */
  async function reserve(tx: Tx, workspaceId: string, { wanted, needed }: { wanted: number, needed: number }): Promise<number> {
    const [workspace] = await tx.select().from(workspaces).where(eq(workspaces.id, workspaceId)).for('no key update')
    const { quotaBytes, usedBytes, reservedBytes } = workspace!
    const left = quotaBytes === null
      ? Number.POSITIVE_INFINITY
      : quotaBytes - usedBytes - reservedBytes
    if (needed > left) throw quotaExceeded('Delete something for ever, or ask for more room')
    const granted = Math.min(wanted, left)
    await tx.update(workspaces).set({ reservedBytes: reservedBytes + granted }).where(eq(workspaces.id, workspaceId))
    return granted
  }

  /**
   * Where there is room for all that is wanted, and the bytes are in this store, one statement does it, for all who ask at the same moment.
   * @returns the keys; undefined when not, and nothing is done
   */
  async function stageAtOnce(workspaceId: string, wanted: readonly number[]): Promise<string[] | undefined> {
    const keys = wanted.map(() => newKey(workspaceId))
    const now = clock().toISOString()
    const bytes = wanted.reduce((sum, bytes) => sum + bytes, 0)
    const { quotaBytes, usedBytes, reservedBytes } = workspaces
    const { rowCount } = await db.execute(sql`
      with home as (${selectStorageHome}), taken as (
        update workspaces set reserved_bytes = reserved_bytes + ${bytes}
        where id = ${workspaceId} and not exists (select from home where storage <> ${storage.kind}) and (${quotaBytes} is null or ${usedBytes} + ${reservedBytes} + ${bytes} <= ${quotaBytes})
        returning id
      )
      insert into objects (key, workspace_id, state, reserved_bytes, created_at, touched_at)
      select key, id, 'staged', bytes, ${now}::timestamptz, ${now}::timestamptz
      from taken, unnest(${sql.param(keys)}::text[], ${sql.param(wanted)}::bigint[]) as wanted (key, bytes)`)
    return rowCount === keys.length
      ? keys
      : undefined
  }

  /** Where room is short, or the bytes have moved: one by one, with what there is, or the reason. */
  function stageWithLess(workspaceId: string, room: { wanted: number, needed: number }): Promise<StagedObject> {
    return db.transaction(async (tx) => {
      await requireStorageHome(tx, storage.kind)
      const key = newKey(workspaceId)
      const reservedBytes = await reserve(tx, workspaceId, room)
      const now = clock()
      await tx.insert(objects).values({
        key,
        workspaceId,
        state: 'staged',
        reservedBytes,
        createdAt: now,
        touchedAt: now,
      })
      return { key, reservedBytes }
    })
  }

  const stageTogether = inGroups<number, string | undefined>(async (workspaceId, wanted) => await stageAtOnce(workspaceId, wanted) ?? wanted.map(() => undefined))

  async function doom(tx: Tx, key: string): Promise<boolean> {
    const [object] = await tx.select().from(objects).where(and(eq(objects.key, key), eq(objects.state, 'staged'))).for('update')
    if (!object) return false
    await tx.update(objects).set({
      state: 'doomed',
      reservedBytes: 0,
      touchedAt: clock(),
    }).where(eq(objects.key, key))
    await tx.update(workspaces).set({ reservedBytes: sql`${workspaces.reservedBytes} - ${object.reservedBytes}` }).where(eq(workspaces.id, object.workspaceId))
    await jobs.send(tx, deleteObjectsJob, {
      keys: [key],
    })
    return true
  }

  async function remove(key: string): Promise<void> {
    const doomed = and(eq(objects.key, key), eq(objects.state, 'doomed'))
    const [object] = await db.select().from(objects).where(doomed)
    if (!object) return
    if (object.multipartRef !== null) await storage.abortMultipart({ key, ref: object.multipartRef })
    // A crash may have come between the store's answer and the row's reference; a store that lists by key alone is asked here or never.
    for await (const staged of storage.listMultiparts({ key })) await storage.abortMultipart(staged)
    await storage.deleteObject(key)
    await db.delete(objects).where(doomed)
  }

  return {
    async stage(workspaceId, { wanted, needed = wanted }) {
      const key = await stageTogether(workspaceId, wanted)
      return key === undefined
        ? stageWithLess(workspaceId, { wanted, needed })
        : { key, reservedBytes: wanted }
    },

    grow: (key, wanted) => db.transaction(async (tx) => {
      const [object] = await tx.select().from(objects).where(and(eq(objects.key, key), eq(objects.state, 'staged'))).for('update')
      if (!object) throw new Error(`${key} is not staged any more`)
      const granted = await reserve(tx, object.workspaceId, { wanted, needed: 1 })
      await tx.update(objects).set({
        reservedBytes: object.reservedBytes + granted,
        touchedAt: clock(),
      }).where(eq(objects.key, key))
      return granted
    }),

    async keepMultipartRef(key, ref) {
      await db.update(objects).set({ multipartRef: ref }).where(eq(objects.key, key))
    },

    async touch(key) {
      await db.update(objects).set({
        touchedAt: clock(),
      }).where(and(eq(objects.key, key), eq(objects.state, 'staged')))
    },

    doom,
    remove,

    async discard(key) {
      try {
        if (await db.transaction(tx => doom(tx, key))) await remove(key)
      }
      catch (error) {
        log.error({ err: error, key }, 'what an upload staged is left to the sweep')
      }
    },
  }
}
