import type { Storage } from '../../storage/storage.ts'
import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { Type } from 'typebox'
import { Check } from 'typebox/value'
import { IDENTITY_KEY } from '../../storage/object-key.ts'
import { isStorageError, StorageError } from '../../storage/storage.ts'

/** What a store says of itself. */
export interface StoreIdentity {
  /** The deployment's: `instance.identity`. */
  deployment: string
  /** When the deployment last said that it uses this store. */
  usedAt: Date
}

const Written = Type.Object({
  deployment: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
  usedAt: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' }),
})

/** Of what is written: some hundred bytes. What is longer is something else, and not read. */
const MOST_BYTES = 4096

/** @throws {StorageError} `corrupt` when what stands there is nothing that `writeStoreIdentity` writes */
export async function readStoreIdentity(storage: Storage): Promise<StoreIdentity | undefined> {
  let bytes: Buffer
  try {
    const { body, size } = await storage.getObject(IDENTITY_KEY)
    if (size > MOST_BYTES) {
      body.destroy()
      throw unreadable()
    }
    bytes = await buffer(body)
  }
  catch (error) {
    if (isStorageError(error, 'not_found')) return undefined
    throw error
  }
  const written = parse(bytes)
  if (!Check(Written, written)) throw unreadable()
  const usedAt = new Date(written.usedAt)
  // A month 13 would be neither before nor after anything.
  if (Number.isNaN(usedAt.getTime())) throw unreadable()
  return { deployment: written.deployment, usedAt }
}

const unreadable = () => new StorageError('corrupt', `the object “${IDENTITY_KEY}”, by which the store says whose it is, cannot be read`)

/** The one object that is written over: whole, as everything else is. */
export async function writeStoreIdentity(storage: Storage, identity: StoreIdentity): Promise<void> {
  const bytes = format(identity)
  await storage.putObject(IDENTITY_KEY, Readable.from([bytes]), { size: bytes.length })
}

/** The first word of a store that has none. @returns whether that is this one, and not somebody else's who had the same in mind */
export const writeFirstStoreIdentity = (storage: Storage, identity: StoreIdentity): Promise<boolean> => storage.putIfAbsent(IDENTITY_KEY, format(identity))

const format = ({ deployment, usedAt }: StoreIdentity) => Buffer.from(`${JSON.stringify({
  deployment,
  usedAt: usedAt.toISOString(),
})}\n`)

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  }
  catch {
    return undefined
  }
}
