import type { Readable } from 'node:stream'
import type { Db, Tx } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { Storage } from '../../storage/storage.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { PartRow } from './objects-verify.queries.ts'
import { createHash } from 'node:crypto'
import { systemCaller } from '../../http/caller.ts'
import { defineJob } from '../../jobs/job-queue.ts'
import { publishLive } from '../../live/live-bus.ts'
import { isStorageError } from '../../storage/storage.ts'
import { fileIntegrityFailed, fileIntegrityRestored } from '../audit/audit.actions.ts'
import * as queries from './objects-verify.queries.ts'
import { holdObject } from './objects.queries.ts'

/** `maybe`: what came from the store is not what went in, which may be the fault of the way. */
type Verdict = { sha256: string, problem?: undefined } | { problem: string, maybe: boolean }

export interface VerifyDeps { db: Db, storage: Storage, audit: AuditLog, jobs: JobQueue }

export interface FileToVerify {
  objectKey: string
  uploadId: string
  /** How often it was looked at before, and seemed broken. */
  looks?: number
}

/** Reads a file that came in several parts once, to learn its SHA-256 and to prove that the store has what was sent. */
export const verifyFileJob = defineJob<FileToVerify>({ name: 'file.verify', expireInSeconds: 6 * 3600, retryLimit: 20 })

/** A file is given up for good by this, so it is looked at again after these times: a byte may have been hurt on its way back, by whatever the store is going through. */
export const LOOK_AGAIN_SECONDS = [5, 120, 1800]

/**
 * Settles the integrity of a file that came in parts: its bytes are read back and hashed, as a whole and by parts. One that seems broken
 * stays pending until it has seemed so several times. Repeating it changes nothing.
 * @throws {StorageError} when the store does not answer: the job comes again
 */
export async function verifyFile(context: VerifyDeps, { objectKey, uploadId, looks = 0 }: FileToVerify, signal: AbortSignal): Promise<void> {
  const { db, audit, jobs } = context
  const version = await queries.findPending(db, objectKey)
  if (!version) return
  const parts = await queries.listParts(db, uploadId)
  const verdict = await readBack(context, {
    objectKey,
    size: version.sizeBytes,
    sha256: await queries.findAnnounced(db, uploadId),
    parts,
  }, signal)
  const startAfterSeconds = LOOK_AGAIN_SECONDS[looks]
  if (verdict.problem !== undefined && verdict.maybe && startAfterSeconds !== undefined) {
    await jobs.send(db, verifyFileJob, { objectKey, uploadId, looks: looks + 1 }, {
      startAfterSeconds,
      once: `${verifyFileJob.name} ${objectKey} ${looks + 1}`,
    })
    return
  }

  await db.transaction(async (tx) => {
    await holdObject(tx, objectKey)
    const settled = await queries.settlePending(tx, objectKey, verdict.problem === undefined
      ? { integrity: 'verified', sha256: verdict.sha256 }
      : { integrity: 'failed' })
    if (!settled) return // deleted, or settled by another run
    await queries.deleteParts(tx, uploadId)
    await tellIntegrity(tx, audit, settled.itemId, verdict.problem === undefined
      ? undefined
      : { versions: settled.versions, problem: verdict.problem })
  })
}

/** Tells open pages that versions of a file are verified or not, and the log of those that are broken (`problem`), or no longer are (without). */
export async function tellIntegrity(tx: Tx, audit: AuditLog, itemId: string, told?: { versions: readonly number[], problem?: string }): Promise<void> {
  const item = await queries.findFile(tx, itemId)
  if (!item) return
  if (item.parentId !== null) {
    await publishLive(tx, {
      topic: 'items',
      workspaceId: item.workspaceId,
      parentIds: [item.parentId],
    })
  }
  if (!told) return
  const { versions, problem } = told
  await audit.record(tx, systemCaller, ...versions.map((version) => {
    const event = {
      workspaceId: item.workspaceId,
      subject: { kind: 'file' as const, id: item.id, name: item.name },
    }
    const details = { parentId: item.parentId, version }
    return problem === undefined
      ? fileIntegrityRestored({ ...event, details })
      : fileIntegrityFailed({
          ...event,
          details: { ...details, problem },
        })
  }))
}

async function readBack({ storage }: Pick<VerifyDeps, 'storage'>, file: { objectKey: string, size: number, sha256: string | null, parts: PartRow[] }, signal: AbortSignal): Promise<Verdict> {
  try {
    const { body } = await storage.getObject(file.objectKey, { expectedSize: file.size, signal })
    const { sha256, wrongPart } = await hashParts(body, file.parts)
    if (wrongPart !== undefined) return { problem: `part ${wrongPart} is not what was received`, maybe: true }
    if (file.sha256 !== null && file.sha256 !== sha256) return { problem: 'the SHA-256 is not the one that the client announced', maybe: false }
    return { sha256 }
  }
  catch (error) {
    if (isStorageError(error, 'corrupt')) return { problem: 'the stored object has another size', maybe: true }
    if (isStorageError(error, 'not_found')) return { problem: 'the stored object is gone', maybe: true }
    throw error
  }
}

/** The SHA-256 of a whole, and the first of its parts whose own is another than noted. */
async function hashParts(body: Readable, parts: readonly PartRow[]): Promise<{ sha256: string, wrongPart: number | undefined }> {
  const whole = createHash('sha256')
  let wrongPart: number | undefined
  let at = 0
  let left = parts[0]?.sizeBytes ?? Number.POSITIVE_INFINITY
  let hash = createHash('sha256')
  for await (const chunk of body as AsyncIterable<Buffer>) {
    whole.update(chunk)
    for (let from = 0; from < chunk.length && at < parts.length;) {
      const piece = chunk.subarray(from, from + left)
      hash.update(piece)
      from += piece.length
      left -= piece.length
      if (left > 0) continue
      const part = parts[at++]!
      if (!hash.digest().equals(part.sha256)) wrongPart ??= part.n
      hash = createHash('sha256')
      left = parts[at]?.sizeBytes ?? 0
    }
  }
  return {
    sha256: whole.digest('hex'),
    wrongPart,
  }
}
