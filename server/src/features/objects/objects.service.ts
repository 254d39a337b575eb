import type { Db, Tx } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { Storage } from '../../storage/storage.ts'
import type { UploadTurn } from '../instance/upload-turn.ts'
import { inGroups } from '../../db/in-groups.ts'
import { countBlocks } from '../../storage/block-sums.ts'
import { requireStorageHome } from '../instance/storage-home.ts'
import { deleteObjectsJob } from './objects.deletion.ts'
import { objectGone, quotaExceeded } from './objects.errors.ts'
import * as queries from './objects.queries.ts'

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
  /** Deletes the bytes of a doomed object, unless they are kept aside, then its row; while a backup runs it does nothing, and the sweep comes again. Idempotent. @throws {StorageError} and leaves the row */
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
  uploadTurn: Pick<UploadTurn, 'require'>
}

/**
 * In the transaction that made staged objects files of one workspace: they are committed, what was reserved for them returns, what they take is
 * counted as used, and the sums of their blocks are kept. Takes the workspace's lock until the commit, so call it late.
 * @throws {AppError} `conflict` when one is no longer staged: what the sweep has doomed must not become a file, its bytes are going away
 */
export async function settleObjects(tx: Tx, workspaceId: string, stored: readonly { key: string, size: number, blocks: Buffer | null }[], now: Date): Promise<void> {
  if (await queries.commitStaged(tx, workspaceId, stored, now) !== stored.length) throw objectGone()
  await queries.insertBlocks(tx, stored.flatMap(({ key, size, blocks }) => blocks && countBlocks(size) > 1
    ? { objectKey: key, sums: blocks }
    : []))
}

export function createObjectRegister({ db, storage, jobs, clock, newId, log, uploadTurn }: ObjectRegisterDeps): ObjectRegister {
  const newKey = (workspaceId: string) => `w/${workspaceId}/${newId()}`

  /** Takes room under the workspace's lock: the counters are read and written as one, whoever else is uploading. */
  async function reserve(tx: Tx, workspaceId: string, { wanted, needed }: { wanted: number, needed: number }): Promise<number> {
    const { quotaBytes, usedBytes, reservedBytes } = await queries.lockRoom(tx, workspaceId)
    const left = quotaBytes === null
      ? Number.POSITIVE_INFINITY
      : quotaBytes - usedBytes - reservedBytes
    if (needed > left) throw quotaExceeded('Delete something for ever, or ask for more room')
    const granted = Math.min(wanted, left)
    await queries.addReserved(tx, workspaceId, granted)
    return granted
  }

  /**
   * Where there is room for all that is wanted, and the bytes are in this store, one statement does it, for all who ask at the same moment.
   * @returns the keys; undefined when not, and nothing is done
   */
  async function stageAtOnce(workspaceId: string, wanted: readonly number[]): Promise<string[] | undefined> {
    const keys = wanted.map(() => newKey(workspaceId))
    const done = await queries.stageAll(db, workspaceId, {
      keys,
      wanted,
      kind: storage.kind,
      now: clock(),
    })
    return done
      ? keys
      : undefined
  }

  /** Where room is short, or the bytes have moved: one by one, with what there is, or the reason. */
  function stageWithLess(workspaceId: string, room: { wanted: number, needed: number }): Promise<StagedObject> {
    return db.transaction(async (tx) => {
      await requireStorageHome(tx, storage.kind)
      const key = newKey(workspaceId)
      const reservedBytes = await reserve(tx, workspaceId, room)
      await queries.insertStaged(tx, {
        key,
        workspaceId,
        reservedBytes,
        now: clock(),
      })
      return { key, reservedBytes }
    })
  }

  const stageTogether = inGroups<number, string | undefined>(async (workspaceId, wanted) => await stageAtOnce(workspaceId, wanted) ?? wanted.map(() => undefined))

  async function doom(tx: Tx, key: string): Promise<boolean> {
    const object = await queries.lockStaged(tx, key)
    if (!object) return false
    await queries.setDoomed(tx, key, clock())
    await queries.addReserved(tx, object.workspaceId, -object.reservedBytes)
    await jobs.send(tx, deleteObjectsJob, {
      keys: [key],
    })
    return true
  }

  async function remove(key: string): Promise<void> {
    const object = await queries.findDoomed(db, key)
    if (!object || object.isHeld) return
    if (object.multipartRef !== null) await storage.abortMultipart({ key, ref: object.multipartRef })
    // A crash may have come between the store's answer and the row's reference; a store that lists by key alone is asked here or never.
    for await (const staged of storage.listMultiparts({ key })) await storage.abortMultipart(staged)
    // What an older database gave up may be a file of the newer one: then its row goes, and no more.
    if (!object.isKept) await storage.deleteObject(key)
    await queries.deleteDoomed(db, key)
  }

  return {
    async stage(workspaceId, { wanted, needed = wanted }) {
      uploadTurn.require()
      const key = await stageTogether(workspaceId, wanted)
      return key === undefined
        ? stageWithLess(workspaceId, { wanted, needed })
        : { key, reservedBytes: wanted }
    },

    grow: (key, wanted) => db.transaction(async (tx) => {
      const object = await queries.lockStaged(tx, key)
      if (!object) throw new Error(`${key} is not staged any more`)
      const granted = await reserve(tx, object.workspaceId, { wanted, needed: 1 })
      await queries.growStaged(tx, key, object.reservedBytes + granted, clock())
      return granted
    }),

    keepMultipartRef: (key, ref) => queries.setMultipartRef(db, key, ref),

    touch: key => queries.touchStaged(db, key, clock()),

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
