import type { Db, Executor } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { Storage } from '../../storage/storage.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { CheckableRow, DueObject } from './objects-scrub.queries.ts'
import { createHash } from 'node:crypto'
import { defineJob } from '../../jobs/job-queue.ts'
import { countBlocks, createBlockSums } from '../../storage/block-sums.ts'
import { isStorageError } from '../../storage/storage.ts'
import { requireStorageHome } from '../instance/storage-home.ts'
import * as scrub from './objects-scrub.queries.ts'
import { isTooMuch } from './objects.lifetime.ts'
import * as queries from './objects.queries.ts'
import { tellIntegrity } from './objects.verify.ts'

export interface ReadDeps {
  db: Db
  storage: Storage
  audit: AuditLog
  jobs: Pick<JobQueue, 'send'>
  clock: () => Date
  log: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
}

export interface ScrubDeps extends ReadDeps {
  config: { scrubDays: number }
}

export interface ObjectToCheck {
  key: string
  /** How often it was looked at since it was found damaged. */
  looks?: number
}

/** Reads one object that seemed damaged to whoever sent it, or that is known to be damaged and may be right again. */
export const checkObjectJob = defineJob<ObjectToCheck>({ name: 'object.check', expireInSeconds: 6 * 3600, retryLimit: 10 })

/**
 * Bytes may have been hurt on their way back, twice in a row while the store goes through something: what was found damaged is looked at again after
 * these times, and then each day, so that it is right again once its bytes are.
 */
const LOOK_AGAIN_SECONDS = [60, 600, 3600]
const EACH_DAY_SECONDS = 86_400

/** Reads a share of the store, so that every object is read within SCRUB_DAYS. */
export const scrubJob = defineJob({
  name: 'storage.scrub',
  cron: '41 * * * *',
  exclusive: true,
  expireInSeconds: 2 * 3600,
  retryLimit: 1,
})

/** Reads all of the store, when an operator asks. */
export const checkAllJob = defineJob<{ asked: string }>({
  name: 'storage.check',
  exclusive: true,
  expireInSeconds: 23 * 3600,
  retryLimit: 20,
})

const DAY_MS = 24 * 3_600_000
/** An hour's share is begun with this time left for the object under way. */
const RUN_MS = 45 * 60_000
/** Of a small store this much an hour, for nobody notices. */
const LEAST_BYTES = 1024 ** 3
const PAGE = 200

export interface ScrubFound { lookedAt: number, bytes: number, damaged: number, missing: number }

export interface Reading {
  signal: AbortSignal
  /** Compares the SHA-256 too, which takes several times as long as the sums. */
  thorough?: boolean
  /** What was read since the last call. Reading waits for it. */
  onBytes?: (count: number) => Promise<void>
  onRead?: (object: CheckableRow) => void
  /** Read twice, and wrong twice. `gone` is told too when there is so much of it that nothing was marked. */
  onDamage?: (object: CheckableRow, damage: Damage) => Promise<void>
  onHealed?: (object: CheckableRow) => Promise<void>
}

/** `gone`: the store does not have it, or not all of it. */
export interface Damage { problem: string, gone: boolean }

/**
 * Reads objects and compares them with what is known of them; what was not known yet (sums of blocks) is noted. What is damaged becomes `failed`,
 * which nobody is sent any more, and the log and the workspace's log say so. When much is gone at once, it is the store that is another one: then nothing is marked.
 * @throws {StorageError} when the store does not answer: the job comes again
 */
async function look(context: ReadDeps, due: AsyncIterable<DueObject>, reading: Reading, isEnough: (found: ScrubFound) => boolean = () => false): Promise<ScrubFound> {
  const { db, log } = context
  const found: ScrubFound = {
    lookedAt: 0,
    bytes: 0,
    damaged: 0,
    missing: 0,
  }
  const gone: { object: CheckableRow, problem: string }[] = []
  for await (const { key } of due) {
    reading.signal.throwIfAborted()
    if (isEnough(found)) break
    const object = await scrub.findCheckable(db, key)
    if (!object) continue
    const damage = await checkObject(context, object, reading)
    found.lookedAt++
    found.bytes += object.size
    reading.onRead?.(object)
    if (!damage) continue
    await reading.onDamage?.(object, damage)
    if (damage.gone) {
      found.missing++
      gone.push({ object, problem: damage.problem })
      if (isTooMuch(found.missing, found.lookedAt) && found.missing > PAGE) break
    }
    else {
      found.damaged++
      await settle(context, object, damage.problem)
    }
  }
  if (isTooMuch(found.missing, found.lookedAt)) {
    log.error({
      ...found,
      keys: gone.slice(0, 10).map(({ object }) => object.key),
    }, 'the store lacks too much of what the database knows, so nothing was marked: is it the right store?')
    return found
  }
  for (const { object, problem } of gone) await settle(context, object, problem)
  log.info({ ...found }, 'read a share of the store')
  return found
}

/** @returns what is wrong; read twice, for a byte may have been hurt on its way */
async function checkObject(context: ReadDeps, object: CheckableRow, reading: Reading): Promise<Damage | undefined> {
  return await readOnce(context, object, reading) && await readOnce(context, object, reading)
}

async function readOnce({ db, storage, clock }: ReadDeps, object: CheckableRow, { signal, thorough, onBytes }: Reading): Promise<Damage | undefined> {
  const { key, size, sha256, crc32, sums: known } = object
  const sums = createBlockSums()
  // Dear, so only where nothing else is known, or when asked for.
  const hash = sha256 !== null && (thorough || crc32 === null)
    ? createHash('sha256')
    : undefined
  if (crc32 === null && !hash) return undefined
  try {
    const { body } = await storage.getObject(key, { expectedSize: size, patient: true, signal })
    for await (const chunk of body as AsyncIterable<Buffer>) {
      sums.update(chunk)
      hash?.update(chunk)
      await onBytes?.(chunk.length)
    }
  }
  catch (error) {
    if (isStorageError(error, 'not_found')) return { problem: 'the stored object is gone', gone: true }
    if (isStorageError(error, 'corrupt')) return { problem: 'the stored object has another size', gone: true }
    throw error
  }
  const read = sums.result()
  if ((crc32 !== null && read.crc32 !== crc32) || (known && !read.blocks.equals(known)) || (hash && hash.digest('hex') !== sha256)) return { problem: 'the stored object has other bytes than came in', gone: false }
  await db.transaction(async (tx) => {
    await scrub.setChecked(tx, {
      key,
      crc32: read.crc32,
      now: clock(),
    })
    // Its row may have gone meanwhile.
    if (!known && countBlocks(size) > 1 && await queries.isThere(tx, key)) {
      await queries.insertBlocks(tx, [
        { objectKey: key, sums: read.blocks },
      ])
    }
  })
  return undefined
}

/** @throws {StorageError} `unavailable` when the bytes have moved: what the former store lacks says nothing */
async function settle(context: ReadDeps, { key, itemId }: CheckableRow, problem: string): Promise<void> {
  const { db, storage, audit, log } = context
  const versions = await db.transaction(async (tx) => {
    await requireStorageHome(tx, storage.kind)
    await queries.holdObject(tx, key)
    const failed = await scrub.setFailed(tx, key)
    if (failed.length > 0) {
      await tellIntegrity(tx, audit, itemId, { versions: failed, problem })
      await lookAgain(context, tx, { key })
    }
    return failed
  })
  log.error({
    key,
    fileId: itemId,
    versions,
    problem,
  }, 'a file is damaged in the store')
}

async function lookAgain({ jobs, clock }: ReadDeps, db: Executor, { key, looks = 0 }: ObjectToCheck): Promise<void> {
  await jobs.send(db, checkObjectJob, { key, looks: looks + 1 }, {
    startAfterSeconds: LOOK_AGAIN_SECONDS[looks] ?? EACH_DAY_SECONDS,
    // A job may run twice at a time; its next look does not.
    once: `${checkObjectJob.name} ${key} ${looks + 1} ${clock().toISOString().slice(0, 16)}`,
  })
}

/** Unmarks what was found damaged or missing and is in the store again with the SHA-256 that it had. @returns how many objects */
async function healAll(context: ReadDeps, reading: Reading): Promise<number> {
  let healed = 0
  for await (const { key } of pages(after => scrub.listHealable(context.db, after, PAGE))) {
    reading.signal.throwIfAborted()
    const object = await scrub.findHealable(context.db, key)
    if (object && await heal(context, object, reading)) healed++
  }
  return healed
}

/** @returns whether it was marked until now, and is right */
async function heal(context: ReadDeps, object: CheckableRow, reading: Reading): Promise<boolean> {
  const { db, storage, audit, log } = context
  const { key, itemId } = object
  if (await readOnce(context, object, { ...reading, thorough: true })) return false
  const versions = await db.transaction(async (tx) => {
    await requireStorageHome(tx, storage.kind)
    await queries.holdObject(tx, key)
    const right = await scrub.setHealed(tx, key)
    if (right.length > 0) await tellIntegrity(tx, audit, itemId, { versions: right })
    return right
  })
  if (versions.length === 0) return false // deleted, or another run was faster
  log.info({ key, fileId: itemId, versions }, 'a file that was damaged in the store is right again')
  await reading.onHealed?.(object)
  return true
}

/** @throws {StorageError} when the store does not answer: the job comes again */
export async function checkOne(context: ReadDeps, { key, looks }: ObjectToCheck, signal: AbortSignal): Promise<void> {
  const { db } = context
  const object = await scrub.findCheckable(db, key)
  const damage = object && await checkObject(context, object, { signal })
  // Of one alone nobody can tell whether it is the store that is away.
  if (damage && !damage.gone) return settle(context, object, damage.problem)
  const marked = object
    ? undefined
    : await scrub.findHealable(db, key)
  if (marked && !await heal(context, marked, { signal }) && await scrub.findHealable(db, key)) await lookAgain(context, db, { key, looks })
}

/** First what has no sums yet, then what was not read for the longest time, at twice the pace that the time allowed for all of it asks for. */
export async function scrubShare(context: ScrubDeps, signal: AbortSignal): Promise<ScrubFound> {
  const { db, clock, config: { scrubDays } } = context
  const started = performance.now()
  const isLate = () => performance.now() - started > RUN_MS
  const filled = await look(context, pages(after => scrub.listWithoutSums(db, after, PAGE)), { signal }, isLate)
  const { bytes } = await scrub.sumUp(db)
  const share = Math.max(LEAST_BYTES, 2 * bytes / (scrubDays * 24))
  const before = new Date(clock().getTime() - scrubDays * DAY_MS / 2)
  const read = await look(context, pages(after => scrub.listDue(db, before, after, PAGE)), { signal }, found => isLate() || found.bytes >= share)
  return {
    lookedAt: filled.lookedAt + read.lookedAt,
    bytes: filled.bytes + read.bytes,
    damaged: filled.damaged + read.damaged,
    missing: filled.missing + read.missing,
  }
}

/**
 * Reads all that was not read since then, so that a run which takes up another's goes on where that was; first what is known to be damaged, which may be
 * right again.
 */
export async function scrubAll(context: ReadDeps, since: Date, reading: Reading): Promise<ScrubFound & { healed: number }> {
  const healed = await healAll(context, reading)
  return {
    healed,
    ...await look(context, pages(after => scrub.listDue(context.db, since, after, PAGE)), reading),
  }
}

/** Reads so many objects, chosen by chance. */
export async function scrubSome(context: ReadDeps, count: number, reading: Reading): Promise<ScrubFound> {
  const some = await scrub.listSome(context.db, count)
  return look(context, (async function* () { yield* some })(), reading)
}

/** How much there is to read: all, or what was not read since then. */
export const sumUpToRead = (db: Db, since?: Date) => scrub.sumUp(db, { dueBefore: since })

/**
 * Asks the store for every object that a file has.
 * @param options.mark the ones that are not there are damaged from now on
 * @returns how many are not there, or not all of them
 */
export async function lookForMissing(context: ReadDeps, { mark }: { mark: boolean }, signal: AbortSignal): Promise<number> {
  const { db, storage, clock } = context
  let missing = 0
  for await (const { key, size } of pages(after => scrub.listDue(db, new Date(clock().getTime() + DAY_MS), after, PAGE))) {
    signal.throwIfAborted()
    const found = await storage.statObject(key)
    if (found?.size === size) continue
    missing++
    const object = mark
      ? await scrub.findCheckable(db, key)
      : undefined
    if (object) await settle(context, object, 'the stored object is gone')
  }
  return missing
}

async function* pages(list: (after: DueObject | undefined) => Promise<DueObject[]>): AsyncGenerator<DueObject> {
  for (let after: DueObject | undefined; ;) {
    const page = await list(after)
    yield* page
    after = page.at(-1)
    if (page.length < PAGE) return
  }
}
