import type { Db } from '../../db/database.ts'
import type { Storage } from '../../storage/storage.ts'
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { IDENTITY_KEY } from '../../storage/object-key.ts'
import * as queries from './objects-invariants.queries.ts'

export interface InvariantOptions {
  /** Nothing is on its way: no upload may be open, nothing staged, nothing reserved. */
  idle?: boolean
}

/**
 * The deep check of what is stored. Reads every byte.
 * - I1: every version has an object of its size, SHA-256 and CRC-32
 * - I2: nothing in the store is without a row
 * - I3: usage is the sum of the versions without those restored from another, reservations are the sum of what is staged; both zero where nothing is
 * @returns what is wrong, one line each; empty when all holds
 */
export async function findViolations({ db, storage }: { db: Db, storage: Storage }, { idle = true }: InvariantOptions = {}): Promise<string[]> {
  const found: string[] = []

  const versions = await queries.listVersions(db)
  for (const version of versions) {
    if (version.state !== 'committed') found.push(`I1: ${version.key} is of a version, but ${version.state}`)
    if (version.workspaceId !== version.objectWorkspaceId) found.push(`I9: ${version.key} is of another workspace than its version`)
    if (version.integrity === 'failed') continue // known to be broken, never served
    const wrong = await findDifference(storage, version)
    if (wrong !== undefined) found.push(`I1: ${version.key} ${wrong}`)
  }

  const rows = await queries.listObjects(db)
  const byKey = new Map(rows.map(row => [row.key, row]))
  const brought = versions.filter(version => version.restoredFrom === null)
  const fileOf = new Map(brought.map(version => [version.key, version.itemId]))
  for (const { key, itemId } of versions) {
    if (fileOf.get(key) !== itemId) found.push(`I2: ${key} is of the file ${itemId}, but was not brought by a version of it`)
  }
  const owned = new Set(versions.map(version => version.key))
  const open = new Set((await queries.listOpenUploads(db)).map(row => row.key))
  for (const row of rows) {
    if (row.state === 'committed' && !owned.has(row.key)) found.push(`I2: ${row.key} is committed without a version`)
    if (row.state !== 'staged' && row.reservedBytes !== 0) found.push(`I3: ${row.key} is ${row.state} and still reserves ${row.reservedBytes} bytes`)
    if (idle && row.state !== 'committed') found.push(`I2: ${row.key} is left over, ${row.state}`)
  }
  for (const key of open) {
    if (key === null || byKey.get(key)?.state !== 'staged') found.push(`I2: an open upload has no staged object (${key})`)
    if (idle) found.push(`I2: the upload of ${key} is open`)
  }
  for await (const { key } of storage.listObjects()) {
    if (!byKey.has(key) && key !== IDENTITY_KEY) found.push(`I2: the store has ${key}, which no row knows`)
  }
  for await (const { key, ref } of listStaged(storage, byKey.keys())) {
    const row = byKey.get(key)
    const expected = row?.state === 'staged' && (row.multipartRef === null || row.multipartRef === ref)
    // The sweep ends it sooner or later, as long as there is a row.
    if (!row || (idle && !expected)) found.push(`I2: the store has staged ${key} (${ref}), which no row knows`)
  }

  const stored = sumBy(brought, ({ workspaceId, size }) => [workspaceId, size])
  const staged = sumBy(rows, ({ workspaceId, reservedBytes }) => [workspaceId, reservedBytes])
  for (const { id, usedBytes, reservedBytes, quotaBytes } of await queries.listCounters(db)) {
    if (usedBytes !== (stored.get(id) ?? 0)) found.push(`I3: workspace ${id} counts ${usedBytes} bytes used, its versions have ${stored.get(id) ?? 0}`)
    if (reservedBytes !== (staged.get(id) ?? 0)) found.push(`I3: workspace ${id} counts ${reservedBytes} bytes reserved, its objects ${staged.get(id) ?? 0}`)
    if (quotaBytes !== null && usedBytes > quotaBytes) found.push(`I3: workspace ${id} uses ${usedBytes} bytes of ${quotaBytes}`)
    if (idle && reservedBytes !== 0) found.push(`I3: workspace ${id} is idle and reserves ${reservedBytes} bytes`)
  }
  return found
}

function sumBy<T>(list: readonly T[], read: (entry: T) => [string, number]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const [key, value] of list.map(read)) sums.set(key, (sums.get(key) ?? 0) + value)
  return sums
}

/** An S3 server may list by whole keys only: it is asked for each. */
async function* listStaged(storage: Storage, keys: Iterable<string>) {
  if (storage.kind !== 's3') return yield* storage.listMultiparts()
  for (const key of keys) yield* storage.listMultiparts({ key })
}

async function findDifference(storage: Storage, { key, size, sha256, crc32: checksum }: { key: string, size: number, sha256: string | null, crc32: number | null }): Promise<string | undefined> {
  try {
    const hash = createHash('sha256')
    let foundChecksum = 0
    const { body } = await storage.getObject(key, { expectedSize: size })
    for await (const chunk of body as AsyncIterable<Buffer>) {
      hash.update(chunk)
      foundChecksum = crc32(chunk, foundChecksum)
    }
    const found = hash.digest('hex')
    if (sha256 !== null && sha256 !== found) return `has the SHA-256 ${found}, not ${sha256}`
    if (checksum !== null && checksum !== foundChecksum) return `has the CRC-32 ${foundChecksum}, not ${checksum}`
    return undefined
  }
  catch (error) {
    return `cannot be read: ${(error as Error).message}`
  }
}
