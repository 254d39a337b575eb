import type { Readable } from 'node:stream'
import type { UploadsContext } from './uploads.context.ts'
import type { PartRow } from './uploads.queries.ts'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { and, eq } from 'drizzle-orm'
import { systemCaller } from '../../http/caller.ts'
import { publishLive } from '../../live/live-bus.ts'
import { isStorageError } from '../../storage/storage.ts'
import { fileVersions, items } from '../items/items.table.ts'
import * as queries from './uploads.queries.ts'
import { uploads } from './uploads.table.ts'

type Verdict = { sha256: string, problem?: undefined } | { problem: string, isAway?: boolean }

/** A cluster of which a part has just come back, or a balancer in front of it, says for a moment that there is no such object. */
const AWAY_MS = 60_000

/**
 * Settles the integrity of a file that came in parts: its bytes are read back once and hashed, as a whole and by parts. Repeating it
 * changes nothing.
 * @throws {StorageError} when the store does not answer: the job comes again
 */
export async function verifyFile(context: Pick<UploadsContext, 'db' | 'storage' | 'audit'>, { objectKey, uploadId }: { objectKey: string, uploadId: string }, signal: AbortSignal, { awayMs = AWAY_MS } = {}): Promise<void> {
  const { db, audit } = context
  const pending = and(eq(fileVersions.objectKey, objectKey), eq(fileVersions.integrity, 'pending'))
  const [version] = await db
    .select({ id: fileVersions.id, sizeBytes: fileVersions.sizeBytes, number: fileVersions.number })
    .from(fileVersions)
    .where(pending)
  if (!version) return
  const [upload] = await db.select({ sha256: uploads.sha256 }).from(uploads).where(eq(uploads.id, uploadId))
  const parts = await queries.listParts(db, uploadId)
  const look = () => readBack(context, {
    objectKey,
    size: version.sizeBytes,
    sha256: upload?.sha256 ?? null,
    parts,
  }, signal)
  let verdict = await look()
  // A file is given up for good by this, so it is looked at twice: a byte may have been hurt on its way.
  if (verdict.problem !== undefined) {
    if (verdict.isAway) await sleep(awayMs, undefined, { signal })
    verdict = await look()
  }

  await db.transaction(async (tx) => {
    const [settled] = await tx
      .update(fileVersions)
      .set(verdict.problem === undefined
        ? { integrity: 'verified', sha256: verdict.sha256 }
        : { integrity: 'failed' })
      .where(pending)
      .returning({ itemId: fileVersions.itemId })
    if (!settled) return // deleted, or settled by another run
    await queries.deleteParts(tx, uploadId)
    const [item] = await tx
      .select({
        id: items.id,
        name: items.name,
        workspaceId: items.workspaceId,
        parentId: items.parentId,
      })
      .from(items)
      .where(eq(items.id, settled.itemId))
    if (!item) return
    if (item.parentId !== null) {
      await publishLive(tx, {
        topic: 'items',
        workspaceId: item.workspaceId,
        parentIds: [item.parentId],
      })
    }
    if (verdict.problem !== undefined) {
      await audit.record(tx, systemCaller, {
        workspaceId: item.workspaceId,
        action: 'file.integrity_failed',
        subject: { kind: 'file', id: item.id, name: item.name },
        details: { version: version.number, problem: verdict.problem },
      })
    }
  })
}

async function readBack({ storage }: Pick<UploadsContext, 'storage'>, file: { objectKey: string, size: number, sha256: string | null, parts: PartRow[] }, signal: AbortSignal): Promise<Verdict> {
  try {
    const { body } = await storage.getObject(file.objectKey, { expectedSize: file.size, signal })
    const { sha256, wrongPart } = await hashParts(body, file.parts)
    if (wrongPart !== undefined) return { problem: `part ${wrongPart} is not what was received` }
    if (file.sha256 !== null && file.sha256 !== sha256) return { problem: 'the SHA-256 is not the one that the client announced' }
    return { sha256 }
  }
  catch (error) {
    if (isStorageError(error, 'corrupt')) return { problem: 'the stored object has another size', isAway: true }
    if (isStorageError(error, 'not_found')) return { problem: 'the stored object is gone', isAway: true }
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
