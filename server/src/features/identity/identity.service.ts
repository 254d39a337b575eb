import type { Db, Executor } from '../../db/database.ts'
import type { Storage } from '../../storage/storage.ts'
import type { KnownUse } from './identity.queries.ts'
import type { StoreIdentity } from './store-identity.ts'
import { onOneConnection } from '../../db/database.ts'
import { EXIT_CONFIG, ExitError } from '../../errors/exit-error.ts'
import { isOwnKey } from '../../storage/object-key.ts'
import { isStorageError } from '../../storage/storage.ts'
import { isTooMuch } from '../objects/objects.lifetime.ts'
import { BATCH, listKnown } from '../objects/objects.listing.ts'
import * as queries from './identity.queries.ts'
import { readStoreIdentity, writeFirstStoreIdentity, writeStoreIdentity } from './store-identity.ts'

/**
 * How database and store stand to each other.
 * - `new`: nothing was in either
 * - `ours`: each says the same of the other
 * - `unmarked`: a used database and a store that says nothing but has what the database knows: of before identities, or copied without its mark
 * - `empty_database`: nothing is in the database, and the store has somebody's files
 * - `foreign_store`: the store is another deployment's, be it that nothing is in either: another one may have taken it just now
 * - `unknown_files`: the store says nothing, and has what the database does not know
 * - `unreadable_mark`: the store says something that nobody understands
 * - `lost_store`: the database knows files, and the store says nothing and lacks most of the oldest of them
 * - `older_database`: the store was used after the database: that is an old copy, or another one uses the store
 * - `older_store`: the database was used with a later state of the store: that is an old copy
 */
export type Standing = 'new' | 'ours' | 'unmarked' | 'empty_database' | 'foreign_store' | 'unknown_files' | 'unreadable_mark' | 'lost_store' | 'older_database' | 'older_store'

export interface Finding {
  standing: Standing
  database: KnownUse
  /** `usedAt`: null when it has just been given its identity. */
  store: { deployment: string, usedAt: Date | null } | undefined
}

export interface Holdings { workspaces: number, files: number, databaseVersion: string }

/** Which database and which store belong together ([ADR 0031](docs/adr/0031-identity.md)). */
export interface IdentityService {
  /** Compares database and store. Changes nothing. @throws {StorageError} */
  find: () => Promise<Finding>
  /** Notes in both that they are used together, and gives them their identity where they have none; nothing where they do not belong together. @returns what was found before, with the identity that they have now */
  note: () => Promise<Finding>
  /** Whether they belong together now, for who deletes what one of them does not know. */
  isOurs: () => Promise<boolean>
  /** From here on they belong together, whatever was. */
  join: () => Promise<void>
  /** Whether another store says that it is another deployment's. */
  isForeign: (other: Storage) => Promise<boolean>
  /** Gives another store, to which the bytes are moved, the same identity: it is this deployment's once the database says so. @throws {ExitError} when it is another's by now */
  mark: (other: Storage) => Promise<void>
  /** What is in the database. */
  holdings: () => Promise<Holdings>
}

/** Where bytes are to be moved to, but somebody else's are. */
export const foreignTarget = ({ kind }: Storage) => new ExitError(`The store that STORAGE=${kind} names belongs to another deployment. Name an empty one.`, EXIT_CONFIG)

export const isWell = (standing: Standing): boolean => ['new', 'ours', 'unmarked'].includes(standing)

/** So many of the files that a database knows longest are looked for in a store that does not say whose it is. */
const OLDEST = 20

export function createIdentityService({ db, storage, clock, newId }: { db: Db, storage: Storage, clock: () => Date, newId: () => string }): IdentityService {
  /**
   * Compared and written by one process at a time, since each of both is read at another moment. All of it on the connection that has the lock: who waited for
   * another one of the pool while everybody in it waits for the lock would wait in vain. No transaction, for what is written counts step by step.
   */
  const alone = <T>(work: (own: Executor) => Promise<T>): Promise<T> => onOneConnection(db, async (own) => {
    await queries.lockIdentity(own)
    return work(own)
  })

  /** What the store says; null where nobody understands it. */
  async function readMark(): Promise<StoreIdentity | undefined | null> {
    try {
      return await readStoreIdentity(storage)
    }
    catch (error) {
      if (!isStorageError(error, 'corrupt')) throw error
      return null
    }
  }

  async function compare(own: Executor): Promise<Finding> {
    const mark = await readMark()
    const database = await queries.findUse(own)
    return {
      standing: mark === null
        ? 'unreadable_mark'
        : await standingOf(own, database, mark),
      database,
      store: mark ?? undefined,
    }
  }

  async function standingOf(own: Executor, database: KnownUse, store: StoreIdentity | undefined): Promise<Standing> {
    if (store && store.deployment !== database.identity) {
      if (database.isUsed) return 'foreign_store'
    }
    else if (store) {
      if (database.announcedAt === null || store.usedAt > database.announcedAt) return 'older_database'
      return database.notedAt !== null && store.usedAt < database.notedAt
        ? 'older_store'
        : 'ours'
    }
    const sample = await lookAtSome(own)
    if (!database.isUsed) {
      if (sample.files > 0) return 'empty_database'
      return store
        ? 'foreign_store'
        : 'new'
    }
    if (sample.files > 0 && (sample.unknown === sample.files || isTooMuch(sample.unknown, sample.files))) return 'unknown_files'
    return await hasMostOfOldest(own)
      ? 'unmarked'
      : 'lost_store'
  }

  /** What came into the store since it was emptied is known too, but is not what was there before. */
  async function hasMostOfOldest(own: Executor): Promise<boolean> {
    const keys = await queries.listOldest(own, OLDEST)
    let there = 0
    for (const key of keys) {
      if (await storage.statObject(key)) there++
    }
    return there * 2 >= keys.length
  }

  /** Some of what the store has, and how much of that no row knows. */
  async function lookAtSome(own: Executor): Promise<{ files: number, unknown: number }> {
    const some: { key: string }[] = []
    for await (const { key } of storage.listObjects()) {
      if (!isOwnKey(key) && some.push({ key }) === BATCH) break
    }
    const known = await listKnown(own, some)
    return {
      files: some.length,
      unknown: some.filter(({ key }) => !known.has(key)).length,
    }
  }

  /**
   * The database announces it before the store is told, and notes it after: whatever ends this between two of the three, the store's word lies between the database's two.
   * @param isFirst the store said nothing
   * @returns undefined when it does by now
   */
  async function write(own: Executor, { identity, announcedAt }: KnownUse, isFirst = false): Promise<string | undefined> {
    const deployment = identity ?? await queries.giveIdentity(own, newId())
    const at = new Date(Math.max(clock().getTime(), (announcedAt?.getTime() ?? 0) + 1))
    await queries.announceUse(own, at)
    const mark = { deployment, usedAt: at }
    if (!isFirst) await writeStoreIdentity(storage, mark)
    else if (!await writeFirstStoreIdentity(storage, mark)) return undefined
    await queries.noteUse(own, at)
    return deployment
  }

  return {
    find: () => alone(compare),

    note: () => alone(async (own) => {
      const found = await compare(own)
      if (!isWell(found.standing)) return found
      const deployment = await write(own, found.database, found.store === undefined)
      // Of two databases that start at once on one store, one is second.
      if (deployment === undefined) return compare(own)
      return {
        ...found,
        database: { ...found.database, identity: deployment },
        store: { deployment, usedAt: found.store?.usedAt ?? null },
      }
    }),

    isOurs: async () => (await alone(compare)).standing === 'ours',

    join: () => alone(async (own) => {
      const store = await readMark()
      const database = await queries.findUse(own)
      const announcedAt = new Date(Math.max(database.announcedAt?.getTime() ?? 0, store?.usedAt.getTime() ?? 0))
      await write(own, { ...database, announcedAt })
    }),

    async isForeign(other) {
      const store = await readStoreIdentity(other)
      return store !== undefined && store.deployment !== (await queries.findUse(db)).identity
    },

    mark: other => alone(async (own) => {
      const database = await queries.findUse(own)
      const deployment = database.identity ?? await queries.giveIdentity(own, newId())
      const usedAt = database.announcedAt ?? clock()
      if (!database.announcedAt) await queries.announceUse(own, usedAt)
      const mark = { deployment, usedAt }
      if (await readStoreIdentity(other) === undefined && await writeFirstStoreIdentity(other, mark)) return
      if ((await readStoreIdentity(other))?.deployment !== deployment) throw foreignTarget(other)
      await writeStoreIdentity(other, mark)
    }),

    async holdings() {
      return {
        ...await queries.countHoldings(db),
        databaseVersion: await queries.serverVersion(db),
      }
    },
  }
}
