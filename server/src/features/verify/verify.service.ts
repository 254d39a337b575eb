import type { Db } from '../../db/database.ts'
import type { ChainProof } from '../audit/audit-proof.ts'
import type { Finding, IdentityService } from '../identity/identity.service.ts'
import type { ReadDeps, Reading } from '../objects/objects.scrub.ts'
import type { InvariantId, Subject } from './invariants.ts'
import type { Held } from './verify.queries.ts'
import { onOneConnection } from '../../db/database.ts'
import { isOwnKey } from '../../storage/object-key.ts'
import { proveChains } from '../audit/audit-proof.ts'
import { describeProblem } from '../identity/identity-words.ts'
import { isWell } from '../identity/identity.service.ts'
import { SWEEP_GRACE_MS } from '../objects/objects.lifetime.ts'
import { EVER, listUnknown } from '../objects/objects.orphans.ts'
import { scrubAll, scrubSome, sumUpToRead } from '../objects/objects.scrub.ts'
import { inPages } from '../storage-move/in-parallel.ts'
import { idleInvariants, invariants, subjects, versionOf } from './invariants.ts'
import { createPace } from './pace.ts'
import * as queries from './verify.queries.ts'

/** Of one kind so many are told one by one. */
const TOLD = 20
const PAGE = 500
/** When so many in a row are missing, the rest is counted without a second look at each. */
const LOOKS = 1000
/** What no row knows is noted by the look through the store of the night after its grace. */
const NOTED_MS = 2 * SWEEP_GRACE_MS

export interface VerifyDeps extends ReadDeps {
  /** Reads all there is: better one that is `patient`. */
  db: Db
  identity: Pick<IdentityService, 'find'>
}

export interface Wrong { id: InvariantId, subject: Subject, says: string }

/** Whose bytes are read: those not read since a moment, so many of all by chance, or none. */
export type WhichBytes = { since: Date } | { count: number } | { share: number }

export interface VerifyOptions {
  signal: AbortSignal
  bytes?: WhichBytes
  /** At most; as fast as the store gives them unless told. */
  bytesPerSecond?: number
  /** Nothing is on its way: nothing may be staged, no upload open. */
  idle?: boolean
  /** Nothing is excused in the store for being young, noted or the server's own: for who knows what is in it. */
  exact?: boolean
  /** Of each kind the first, then how many more there are. */
  onWrong?: (wrong: Wrong) => void
  onHealed?: (says: string) => void
}

export interface Verified {
  /** How much is wrong with each. */
  wrong: Record<Subject, number>
  held: Held
  read: { objects: number, bytes: number, /** Were known to be damaged, and are right again. */ healed: number }
  chains: (ChainProof & { chainId: string })[]
  identity: Finding
}

export interface VerifyProgress {
  at: 'database' | 'logs' | 'store' | 'bytes'
  /** Of the store. */
  listed: number
  /** Of the bytes that are to be read. */
  done: { objects: number, bytes: number }
  total: { objects: number, bytes: number }
}

export interface Verification {
  /**
   * Proves the invariants that can be proved from outside, also while servers serve: what seems wrong in the store is looked at a second time. Only reading
   * bytes changes something: when an object was read, what is damaged, and what no longer is.
   * @throws {StorageError} when the store does not answer; the signal's reason
   */
  run: (options: VerifyOptions) => Promise<Verified>
  progress: Readonly<VerifyProgress>
}

export function createVerification(deps: VerifyDeps): Verification {
  const { db, storage, clock } = deps
  const none = () => ({ objects: 0, bytes: 0 })
  const progress: VerifyProgress = {
    at: 'database',
    listed: 0,
    done: none(),
    total: none(),
  }

  /** What the store has that no row knows, and the other way round. @returns how many objects are missing */
  async function compareStore(findings: Findings, { signal, idle, exact }: VerifyOptions): Promise<number> {
    const unknown = findings.of('I2', 'bytes')
    const missing = findings.of('I1', 'bytes')
    await onOneConnection(db, async (own) => {
      await queries.makeStored(own)
      for await (const batch of listUnknown({ db: own, storage }, EVER, signal)) {
        await queries.noteStored(own, batch.entries.flatMap(({ key, ref, size }) => ref === undefined && size !== undefined
          ? { key, size }
          : []))
        progress.listed += batch.entries.length
        const strange = exact
          ? batch.unknown
          : await withoutExcused(batch.unknown)
        for (const entry of strange) {
          // Its row goes after its bytes: what was being deleted is gone by now.
          if (await isStill(entry)) unknown.add(`The store has ${entry.key}${entry.ref && ', unfinished'}, which no row knows.`)
        }
      }
      await queries.endStored(own)
      let looked = 0
      for await (const { key } of inPages(page => queries.listUnstored(own, page), PAGE)) {
        signal.throwIfAborted()
        // It came or went since the store was listed; or it is not there.
        const stored = await storage.statObject(key)
        const wanted = await queries.findWanted(db, key)
        if (wanted && stored?.size !== wanted.size) {
          missing.add(stored
            ? `The file ${versionOf(wanted)} has ${stored.size} of its ${wanted.size} bytes in the store.`
            : `The file ${versionOf(wanted)} is missing in the store.`)
        }
        if (++looked !== LOOKS || missing.count < LOOKS) continue
        missing.addMore(await queries.countUnstored(own) - looked)
        break
      }
    })
    if (idle) await compareStaged(unknown, signal)
    unknown.end()
    missing.end()
    return missing.count
  }

  async function withoutExcused<T extends { key: string, modifiedAt: Date }>(entries: readonly T[]): Promise<T[]> {
    const before = new Date(clock().getTime() - NOTED_MS)
    const old = entries.filter(({ key, modifiedAt }) => modifiedAt < before && !isOwnKey(key))
    if (old.length === 0) return []
    const noted = await queries.listNoted(db, old.map(({ key }) => key))
    return old.filter(({ key }) => !noted.has(key))
  }

  async function isStill({ key, ref }: { key: string, ref: string }): Promise<boolean> {
    if (ref === '') return await storage.statObject(key) !== undefined
    for await (const staged of storage.listMultiparts({ key })) {
      if (staged.ref === ref) return true
    }
    return false
  }

  /** While nothing is on its way, no object has parts beside it. An S3 server may tell of them by whole keys only: it is asked for each. */
  async function compareStaged(unknown: Kind, signal: AbortSignal): Promise<void> {
    for await (const { key, state, multipartRef } of inPages(page => queries.listKeys(db, page), PAGE)) {
      signal.throwIfAborted()
      for await (const { ref } of storage.listMultiparts({ key })) {
        if (state !== 'staged' || (multipartRef !== null && multipartRef !== ref)) unknown.add(`The store has ${key}, unfinished (${ref}), which no row knows.`)
      }
    }
  }

  /** All of one moment. */
  async function askDatabase(findings: Findings, { idle, signal }: VerifyOptions): Promise<void> {
    await db.transaction(async (tx) => {
      for (const { id, subject, find } of idle
        ? [
            ...invariants,
            ...idleInvariants,
          ]
        : invariants) {
        signal.throwIfAborted()
        const { says, count } = await find(tx, TOLD)
        const kind = findings.of(id, subject)
        for (const each of says) kind.add(each)
        kind.addMore(count - says.length)
        kind.end()
      }
    }, { isolationLevel: 'repeatable read', accessMode: 'read only' })
  }

  async function proveLogs(findings: Findings, signal: AbortSignal): Promise<Verified['chains']> {
    const broken = findings.of('I4', 'logs')
    const chains: Verified['chains'] = []
    for await (const proof of proveChains(db)) {
      signal.throwIfAborted()
      chains.push(proof)
      if (proof.brokenAt !== null) broken.add(`The log ${proof.chainId} is broken at its event ${proof.brokenAt}.`)
    }
    broken.end()
    return chains
  }

  async function readBytes(findings: Findings, bytes: WhichBytes, missing: number, { signal, bytesPerSecond, onHealed }: VerifyOptions): Promise<Verified['read']> {
    const damaged = findings.of('I1', 'hashes')
    const whole = await sumUpToRead(db)
    const count = 'count' in bytes
      ? Math.min(bytes.count, whole.files)
      : 'share' in bytes
        ? Math.ceil(whole.files * bytes.share)
        : undefined
    const toRead = 'since' in bytes
      ? await sumUpToRead(db, bytes.since)
      : {
          files: count!,
          bytes: Math.round(whole.bytes * count! / Math.max(whole.files, 1)),
        }
    progress.total = { objects: toRead.files, bytes: toRead.bytes }
    const pace = bytesPerSecond === undefined
      ? undefined
      : createPace({ bytesPerSecond, signal })
    const reading: Reading = {
      signal,
      thorough: true,
      async onBytes(read) {
        progress.done.bytes += read
        await pace?.(read)
      },
      onRead: () => void progress.done.objects++,
      async onDamage({ key }, { problem, gone }) {
        // What the store does not list was told.
        if (gone && missing > 0) return
        const version = await queries.nameVersion(db, key)
        if (version) damaged.add(`The file ${versionOf(version)} is damaged: ${problem}.`)
      },
      async onHealed({ key }) {
        const version = await queries.nameVersion(db, key)
        if (version) onHealed?.(`The file ${versionOf(version)}, which was damaged or missing, is right again.`)
      },
    }
    const { lookedAt, bytes: read, ...found } = 'since' in bytes
      ? await scrubAll(deps, bytes.since, reading)
      : {
          healed: 0,
          ...await scrubSome(deps, count!, reading),
        }
    damaged.end()
    return { objects: lookedAt, bytes: read, healed: found.healed }
  }

  return {
    progress,
    async run(options) {
      const { signal, bytes } = options
      const findings = createFindings(options.onWrong)
      progress.at = 'database'
      const identity = await deps.identity.find()
      if (!isWell(identity.standing)) findings.of('I2', 'identity').add(describeProblem(identity.standing).is)
      await askDatabase(findings, options)
      progress.at = 'logs'
      const chains = await proveLogs(findings, signal)
      progress.at = 'store'
      const missing = await compareStore(findings, options)
      progress.at = 'bytes'
      // Of another store nothing is to be marked.
      const read = bytes && isWell(identity.standing)
        ? await readBytes(findings, bytes, missing, options)
        : {
            ...none(),
            healed: 0,
          }
      return {
        wrong: findings.counts(),
        held: await queries.countHeld(db),
        read,
        chains,
        identity,
      }
    },
  }
}

/** What is wrong of one kind, as it is found. */
interface Kind {
  readonly count: number
  add: (says: string) => void
  /** Of which nothing is told but the number. */
  addMore: (count: number) => void
  /** All of the kind was found: how many more there are than were told. */
  end: () => void
}

interface Findings {
  of: (id: InvariantId, subject: Subject) => Kind
  counts: () => Record<Subject, number>
}

function createFindings(onWrong: VerifyOptions['onWrong']): Findings {
  const wrong = Object.fromEntries(subjects.map(subject => [subject, 0])) as Record<Subject, number>
  return {
    of(id, subject) {
      let count = 0
      let told = 0
      const addMore = (more: number) => {
        count += more
        wrong[subject] += more
      }
      return {
        get count() { return count },
        add(says) {
          addMore(1)
          if (++told <= TOLD) onWrong?.({ id, subject, says })
        },
        addMore,
        end() {
          if (count > TOLD) onWrong?.({ id, subject, says: `And ${(count - TOLD).toLocaleString('en')} more of this kind.` })
        },
      }
    },
    counts: () => wrong,
  }
}
